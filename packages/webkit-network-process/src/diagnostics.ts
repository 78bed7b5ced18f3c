// The diagnostics channels of this layer and what is published on them. Nothing is made when nobody listens.
import { channel } from 'node:diagnostics_channel'
import type { ResourceErrorData } from './shared/resource-error-data.ts'

/** Milliseconds since the epoch, with fraction. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

/** Channel `wpe:ipc:message`: one message was queued for sending or taken off a connection and found valid. */
export interface IPCMessageEvent {
  readonly time: number
  /** Which connection, as its owner named it. */
  readonly connection: string
  readonly direction: 'sent' | 'received'
  /** `WebResourceLoader.DidReceiveData`. */
  readonly message: string
  readonly isReply: boolean
  readonly destination: number
  readonly payloadBytes: number
  /** `<webProcessIdentifier>-<loader identifier>`, null for messages that belong to no load. */
  readonly requestId: string | null
}

/** Channel `wpe:ipc:invalid-message`: a connection was closed because of what came over it. */
export interface IPCInvalidMessageEvent {
  readonly time: number
  readonly connection: string
  readonly reason: string
}

/** Channel `wpe:network-process:resource-loader`: one step of a NetworkResourceLoader. */
export interface ResourceLoaderEvent {
  readonly time: number
  /** `<webProcessIdentifier>-<loader identifier>`. */
  readonly requestId: string
  readonly pageID: number
  readonly frameID: number
  readonly stage:
    'scheduled' | 'started' | 'will-send-request' | 'received-response' | 'finished' | 'failed' | 'aborted'
  readonly url: string
  /** With `received-response` and `will-send-request`. */
  readonly httpStatusCode?: number
  /** With `finished`: bytes of body handed to the WebProcess. */
  readonly bodyBytes?: number
  /** With `failed`. */
  readonly error?: ResourceErrorData
}

export const ipcMessageChannel = channel('wpe:ipc:message')
export const ipcInvalidMessageChannel = channel('wpe:ipc:invalid-message')
export const resourceLoaderChannel = channel('wpe:network-process:resource-loader')
