// What a frame's loading tells its embedder, and the one question it asks. Implemented by the WebProcess of minibrowser.
// Upstream: WebCore/loader/LocalFrameLoaderClient.h

import type { ResourceError } from '../platform/network/resource-error.ts'
import type { ResourceRequest } from '../platform/network/resource-request.ts'
import type { ResourceResponse } from '../platform/network/resource-response.ts'
import type { ResourceLoadEntry, ResourceLoadStart } from './resource-load-entry.ts'

export type PolicyAction = 'use' | 'ignore'

export interface NavigationAction {
  readonly request: ResourceRequest
  /** The response that redirected here; null for the first request. */
  readonly redirectResponse: ResourceResponse | null
}

/**
 * Order of one load: decidePolicy, didStartProvisionalLoad, then for each redirect decidePolicy and
 * didReceiveServerRedirect; didCommitLoad; didReceiveTitle at most once; didFinishDocumentLoad when the document is parsed;
 * didFinishLoad when its subresources are in. A load that fails ends with didFailProvisionalLoad before the commit or with
 * didFailLoad after it, and nothing follows. didInitiate- and didCompleteResourceLoad come in pairs, the last pair before
 * the end.
 */
export interface FrameLoaderClient {
  /** `ignore` ends the load with `WebKitPolicyError` `FRAME_LOAD_INTERRUPTED_BY_POLICY_CHANGE`. */
  decidePolicyForNavigationAction(action: NavigationAction): Promise<PolicyAction>
  didStartProvisionalLoad(url: string): void
  didReceiveServerRedirect(url: string): void
  didCommitLoad(response: ResourceResponse): void
  didReceiveTitle(title: string): void
  didFinishDocumentLoad(): void
  didFinishLoad(): void
  didFailProvisionalLoad(error: ResourceError): void
  didFailLoad(error: ResourceError): void
  didInitiateResourceLoad(resource: ResourceLoadStart): void
  didCompleteResourceLoad(entry: ResourceLoadEntry): void
}
