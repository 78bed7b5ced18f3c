// The error domain of WebSockets. Upstream: libsoup/websocket/soup-websocket.h (SoupWebsocketError).

/** What went wrong, as a stable string; see the table in the package README. */
export type WebsocketErrorCode = 'FAILED' | 'NOT_WEBSOCKET' | 'BAD_HANDSHAKE' | 'BAD_ORIGIN'

/** A handshake that failed (all codes but `FAILED`), or a connection that did (`FAILED`). */
export class WebsocketError extends Error {
  readonly domain = 'soup-websocket-error-quark'
  readonly code: WebsocketErrorCode
  /** The code sent to the peer in the Close frame when an open connection failed; 0 when there was none to send. */
  readonly closeCode: number

  constructor(code: WebsocketErrorCode, message: string, options?: { closeCode?: number; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'WebsocketError'
    this.code = code
    this.closeCode = options?.closeCode ?? 0
  }
}
