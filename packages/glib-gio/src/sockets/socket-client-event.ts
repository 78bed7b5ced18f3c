// The stages of a connection attempt, in order. Upstream: glib/gio/gioenums.h (GSocketClientEvent).

/** Values grow with the stage, which is how the error of the furthest one is found. */
export const SocketClientEvent = {
  RESOLVING: 0,
  RESOLVED: 1,
  CONNECTING: 2,
  CONNECTED: 3,
  PROXY_NEGOTIATING: 4,
  PROXY_NEGOTIATED: 5,
  TLS_HANDSHAKING: 6,
  TLS_HANDSHAKED: 7,
  COMPLETE: 8,
} as const
export type SocketClientEvent = (typeof SocketClientEvent)[keyof typeof SocketClientEvent]

/** 'RESOLVING', … for logs and diagnostics. */
export function socketClientEventName(event: SocketClientEvent): keyof typeof SocketClientEvent {
  return NAMES[event] as keyof typeof SocketClientEvent
}

const NAMES = Object.keys(SocketClientEvent)
