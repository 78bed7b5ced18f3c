// A navigation asked for from outside the page. Given to FrameLoader.load. Upstream: WebCore/loader/FrameLoadRequest.h

import type { ResourceRequest } from '../platform/network/resource-request.ts'

export class FrameLoadRequest {
  readonly resourceRequest: ResourceRequest

  constructor(resourceRequest: ResourceRequest) {
    this.resourceRequest = resourceRequest.copy()
  }
}
