// What WebCore needs from the process around it to load anything: the seam between loaders and IPC. In a WebProcess this is
// the NetworkProcessConnection of webkit-network-process. Upstream: WebCore/loader/LoaderStrategy.h

import type {
  ScheduledLoadParameters,
  WebResourceLoader,
  WebResourceLoaderClient,
} from '@wpe-networking/webkit-network-process/connection'

export interface LoaderStrategy {
  /** Starts a load. Callbacks come later, never before this returns; none come after `cancel()` of what it returns. */
  scheduleResourceLoad(
    parameters: Omit<ScheduledLoadParameters, 'identifier'>,
    client: WebResourceLoaderClient,
  ): Pick<WebResourceLoader, 'cancel'>
}
