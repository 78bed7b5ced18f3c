/**
 * The NetworkProcess, and what its UIProcess says to it. What a WebProcess uses is in `/connection`, exported here as well.
 *
 * @module webkit-network-process
 */

export * from './connection.ts'

// The process
export {
  NetworkProcess,
  type NetworkProcessEvents,
  type NetworkProcessOptions,
} from './network-process/network-process.ts'
export { NetworkSession } from './network-process/network-session.ts'
export {
  MAXIMUM_BODY_BYTES_PER_CONNECTION,
  MAXIMUM_LOADS_PER_CONNECTION,
  NetworkConnectionToWebProcess,
  type ConnectionToWebProcessParameters,
  type NetworkConnectionToWebProcessClient,
} from './network-process/network-connection-to-web-process.ts'
export {
  NetworkProcessCreationParametersSchema,
  type NetworkProcessCreationParameters,
} from './network-process/network-process-creation-parameters.ts'
export {
  NetworkSessionCreationParametersSchema,
  type NetworkSessionCreationParameters,
} from './network-process/network-session-creation-parameters.ts'

// Loads
export { NetworkResourceLoader, type NetworkResourceLoaderOwner } from './network-process/network-resource-loader.ts'
export { NetworkLoad, type NetworkLoadClient } from './network-process/network-load.ts'
export { MAXIMUM_REDIRECTS, NetworkLoadChecker, type CheckResult } from './network-process/network-load-checker.ts'
export {
  NetworkDataTask,
  type NetworkDataTaskClient,
  type NetworkDataTaskParameters,
  type NetworkDataTaskState,
  type RedirectAnswer,
} from './network-process/network-data-task.ts'
export { NetworkDataTaskSoup, type NetworkDataTaskSoupSession } from './network-process/soup/network-data-task-soup.ts'
export { NetworkDataTaskDataURL } from './network-process/network-data-task-data-url.ts'

// Messages
export { NetworkProcessMessages } from './network-process/network-process.messages.ts'
export { NetworkProcessProxyMessages } from './ui-process/network-process-proxy.messages.ts'
export { NetworkConnectionToWebProcessMessages } from './network-process/network-connection-to-web-process.messages.ts'
export { NetworkResourceLoaderMessages } from './network-process/network-resource-loader.messages.ts'
export { WebResourceLoaderMessages } from './web-process/web-resource-loader.messages.ts'

// Diagnostics
export { resourceLoaderChannel, type ResourceLoaderEvent } from './diagnostics.ts'
