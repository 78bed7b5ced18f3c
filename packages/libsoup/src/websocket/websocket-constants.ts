// The values of the WebSocket API under upstream's names. Upstream: libsoup/websocket/soup-websocket.h.

/** How far a connection is. */
export const WebsocketState = {
  /** Messages can be sent and received. */
  OPEN: 1,
  /** One side has sent a Close frame; nothing can be sent any more. */
  CLOSING: 2,
  CLOSED: 3,
} as const
export type WebsocketState = (typeof WebsocketState)[keyof typeof WebsocketState]

/** Which end of a connection this is: clients mask what they send, servers do not (RFC 6455 section 5.1). */
export const WebsocketConnectionType = { UNKNOWN: 0, CLIENT: 1, SERVER: 2 } as const
export type WebsocketConnectionType = (typeof WebsocketConnectionType)[keyof typeof WebsocketConnectionType]

/** What a message holds; the numbers are the opcodes of RFC 6455 section 11.8. */
export const WebsocketDataType = { TEXT: 1, BINARY: 2 } as const
export type WebsocketDataType = (typeof WebsocketDataType)[keyof typeof WebsocketDataType]

/** Close codes with a name (RFC 6455 section 7.4.1); 3000 to 4999 are free for libraries and applications. */
export const WebsocketCloseCode = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  PROTOCOL_ERROR: 1002,
  UNSUPPORTED_DATA: 1003,
  /** Never on the wire: the peer's Close frame had no code, or ours shall have none. */
  NO_STATUS: 1005,
  /** Never on the wire. */
  ABNORMAL: 1006,
  BAD_DATA: 1007,
  POLICY_VIOLATION: 1008,
  TOO_BIG: 1009,
  /** Only from clients. */
  NO_EXTENSION: 1010,
  /** Only from servers. */
  SERVER_ERROR: 1011,
  /** Never on the wire. */
  TLS_HANDSHAKE: 1015,
} as const
export type WebsocketCloseCode = (typeof WebsocketCloseCode)[keyof typeof WebsocketCloseCode]

/** Opcodes of RFC 6455 section 5.2 that are no data types. */
export const Opcode = { CONTINUATION: 0, CLOSE: 8, PING: 9, PONG: 10 } as const

/** Longest payload of a control frame, in bytes (RFC 6455 section 5.5). */
export const MAX_CONTROL_PAYLOAD = 125

/**
 * Whether a Close frame may carry `code`: the codes registered with IANA by RFC 6455, 1012 to 1014 which were added
 * later, and the free ranges.
 */
export function isCloseCodeAllowed(code: number): boolean {
  if (!Number.isInteger(code)) return false
  if (code >= 3000 && code <= 4999) return true
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006
}
