/**
 * What a WebProcess uses, and whoever else only talks to other processes: the words and the way to send them, and no network.
 *
 * @module webkit-network-process/connection
 */

// Loads
export {
  NetworkProcessConnection,
  type NetworkProcessConnectionEvents,
  type NetworkProcessConnectionOptions,
  type ScheduledLoadParameters,
} from './web-process/network-process-connection.ts'
export { WebResourceLoader, type WebResourceLoaderClient } from './web-process/web-resource-loader.ts'
export { openInheritedSocket } from './web-process/inherited-socket.ts'
export { LOAD_WINDOW_BYTES, MAXIMUM_DATA_FRAME_BYTES } from './web-process/web-resource-loader.messages.ts'

// Shared data
export * from './shared/fetch-options.ts'
export * from './shared/network-load-metrics.ts'
export * from './shared/network-resource-load-parameters.ts'
export * from './shared/resource-error-data.ts'
export * from './shared/resource-request-data.ts'
export * from './shared/resource-response-data.ts'
export * from './shared/security-origin-data.ts'
export * from './shared/site.ts'
export * from './shared/wire-types.ts'

// IPC
export { Connection, type ConnectionEvents, type ConnectionOptions } from './platform/ipc/connection.ts'
export { IPCError, type IPCErrorCode } from './platform/ipc/ipc-error.ts'
export {
  defineMessages,
  type ArgumentSchemas,
  type ArgumentsOf,
  type Message,
  type MessageDeclaration,
  type MessageHandlers,
  type MessageReceiver,
  type MessageReceiverDeclaration,
  type ProcessName,
} from './platform/ipc/message-receiver.ts'
export type { Destinations } from './platform/ipc/receiver-table.ts'

// Diagnostics
export {
  ipcInvalidMessageChannel,
  ipcMessageChannel,
  type IPCInvalidMessageEvent,
  type IPCMessageEvent,
} from './diagnostics.ts'
