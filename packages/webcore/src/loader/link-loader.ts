// What a <link> element or a Link header loads. Called by HTMLSubresourceFinder and DocumentLoader.
// Upstream: WebCore/loader/LinkLoader.cpp and html/LinkIconCollector.cpp. HTML standard, "link types".

import { evaluateMediaQueryList } from '../css/media-query-evaluator.ts'
import type { Document } from '../dom/document.ts'
import { bestFitSourceForImageAttributes } from '../html/parser/html-srcset-parser.ts'
import type { Viewport } from '../page/settings.ts'
import { isSupportedImageMIMEType } from '../platform/mime-type-registry.ts'
import type { CachedResourceType } from './cache/cached-resource-type.ts'
import type { LinkHeader } from './link-header.ts'
import type { SubresourceRequest } from './subresource-request.ts'

/** The `as` values a preload may have, and what each loads. */
const PRELOAD_TYPES: Readonly<Record<string, CachedResourceType>> = {
  audio: 'MediaResource',
  fetch: 'RawResource',
  font: 'FontResource',
  image: 'ImageResource',
  script: 'Script',
  style: 'CSSStyleSheet',
  track: 'TextTrackResource',
  video: 'MediaResource',
}

/** The loads one link asks for; none for relations that are only hints, such as preconnect and dns-prefetch. */
export function requestsForLink(
  link: LinkHeader,
  document: Document,
  viewport: Viewport,
  source: 'parser' | 'link-header',
): SubresourceRequest[] {
  const { rel } = link
  const common = {
    initiator: { type: source, url: document.url },
    crossOrigin: link.crossOrigin,
    fetchPriority: link.fetchPriority,
  }
  const url = document.completeURL(link.url)
  const matches = evaluateMediaQueryList(link.media, viewport)
  if (rel.includes('preload')) return preload(link, document, viewport, common)
  if (url === null) return []
  const requests: SubresourceRequest[] = []
  const isCSS = link.mimeType === '' || /^text\/css\s*(;|$)/i.test(link.mimeType)
  if (rel.includes('stylesheet') && !rel.includes('alternate') && isCSS) {
    // A sheet for another medium is still loaded, because the medium may change, but nothing waits for it.
    requests.push({
      ...common,
      type: 'CSSStyleSheet',
      url,
      ...(matches ? {} : { applies: false, priority: 'VeryLow' }),
    })
  }
  // Icons and manifests are named by the page itself; a Link header's are not heard, as in WebKit.
  if (source === 'parser') {
    if (rel.some((word) => /^(icon|apple-touch-icon|apple-touch-icon-precomposed)$/.test(word)) && matches) {
      requests.push({ ...common, type: 'Icon', url })
    }
    if (rel.includes('manifest')) requests.push({ ...common, type: 'ApplicationManifest', url, alwaysCORS: true })
  }
  if (rel.includes('modulepreload') && matches && (link.as === '' || link.as === 'script')) {
    requests.push({
      ...common,
      initiator: preloadInitiator(source, document),
      type: 'Script',
      url,
      isPreload: true,
      alwaysCORS: true,
    })
  }
  return requests
}

function preload(
  link: LinkHeader,
  document: Document,
  viewport: Viewport,
  common: Pick<SubresourceRequest, 'initiator' | 'crossOrigin' | 'fetchPriority'>,
): SubresourceRequest[] {
  const type = PRELOAD_TYPES[link.as]
  if (type === undefined || !evaluateMediaQueryList(link.media, viewport)) return []
  if (type === 'ImageResource' && link.mimeType !== '' && !isSupportedImageMIMEType(link.mimeType)) return []
  const reference =
    type === 'ImageResource'
      ? bestFitSourceForImageAttributes(link.url, link.imageSrcSet, link.imageSizes, viewport)
      : link.url
  const url = reference === null ? null : document.completeURL(reference)
  if (url === null) return []
  const source = common.initiator.type === 'link-header' ? 'link-header' : 'parser'
  return [
    {
      ...common,
      initiator: preloadInitiator(source, document),
      type,
      url,
      isPreload: true,
      applies: false,
      alwaysCORS: type === 'FontResource',
      metadataOnly: type === 'MediaResource',
    },
  ]
}

/** A header's preload is told apart from an element's. */
function preloadInitiator(source: 'parser' | 'link-header', document: Document): SubresourceRequest['initiator'] {
  return { type: source === 'link-header' ? 'link-header' : 'preload', url: document.url }
}
