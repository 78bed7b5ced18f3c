// An image. It is not decoded; its type and size are what is known of it. Upstream: WebCore/loader/cache/CachedImage.cpp

import { CachedResource } from './cached-resource.ts'

export class CachedImage extends CachedResource {
  /** Whether the body is an image by its type, or by nobody saying otherwise. */
  get isImage(): boolean {
    const mimeType = this.response?.mimeType ?? ''
    return this.isUsable && (mimeType === '' || mimeType.startsWith('image/'))
  }
}
