// Sec-WebSocket-Key and Sec-WebSocket-Accept. Used by both sides of the handshake. RFC 6455 sections 1.3, 4.1 and 4.2.2.

import { createHash, randomBytes } from 'node:crypto'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A new key: 16 random bytes in base64. */
export function makeWebsocketKey(): string {
  return randomBytes(16).toString('base64')
}

/** Whether `key` is the base64 of 16 bytes. */
export function isWebsocketKey(key: string): boolean {
  return /^[+/0-9A-Za-z]{21}[AQgw]==$/.test(key)
}

/** What a server that understood must answer to `key`. */
export function acceptForKey(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64')
}
