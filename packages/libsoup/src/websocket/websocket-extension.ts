// What an extension of the WebSocket protocol does: agree on parameters, then change messages on their way.
// Made in the handshake, used by WebsocketConnection. Upstream: libsoup/websocket/soup-websocket-extension.c.
// RFC 6455 section 9.

import type { SessionFeature } from '../session/session-feature.ts'
import type { WebsocketConnectionType, WebsocketDataType } from './websocket-constants.ts'

/** What an extension may read and set beside a message's payload. */
export interface WebsocketMessageHeader {
  readonly type: WebsocketDataType
  /**
   * The reserved bits of the first frame, 0x40, 0x20 and 0x10. An extension sets its own on the way out and takes them
   * away on the way in; a bit left over is a protocol error.
   */
  reserved: number
}

/** Parameters by name; null for one without a value. */
export type WebsocketExtensionParams = ReadonlyMap<string, string | null>

/**
 * One use of an extension, on one connection. Unlike upstream's it sees whole messages and not single frames, which is
 * what RFC 7692 calls a per-message extension.
 */
export abstract class WebsocketExtension implements SessionFeature {
  /** Makes `message.disableFeature` take the classes of extensions; they are no features of a session. */
  declare readonly processingStage?: never
  /** Name in `Sec-WebSocket-Extensions`. */
  abstract readonly name: string
  /** The reserved bits it needs; two extensions that want the same cannot be used together. */
  abstract readonly reservedBits: number

  /**
   * Takes the parameters the peer sent: an offer for a server, an answer for a client. Called once, before messages.
   *
   * @throws {WebsocketError} `BAD_HANDSHAKE` when they are not acceptable; a server then passes over the offer.
   */
  abstract configure(connectionType: WebsocketConnectionType, params: WebsocketExtensionParams): void

  /** What a client offers, such as `'; client_max_window_bits'`, or `''`. */
  getRequestParams(): string {
    return ''
  }

  /** What a server answers, after `configure`. */
  getResponseParams(): string {
    return ''
  }

  /** Changes a message about to be sent; returns its new payload. Must leave `payload` as it is. */
  abstract processOutgoingMessage(header: WebsocketMessageHeader, payload: Buffer): Buffer

  /**
   * Changes a message that came; returns its new payload.
   *
   * @param maxSize Most bytes it may return; 0 for no limit.
   * @throws {WebsocketError} `FAILED`, with the close code to send.
   */
  abstract processIncomingMessage(header: WebsocketMessageHeader, payload: Buffer, maxSize: number): Buffer
}

/** Makes one instance for each connection that may use it. */
export type WebsocketExtensionFactory = () => WebsocketExtension
