// The payload of a Close frame. Used by WebsocketConnection. RFC 6455 sections 5.5.1 and 7.4.

import { isUtf8 } from 'node:buffer'
import { isCloseCodeAllowed, MAX_CONTROL_PAYLOAD, WebsocketCloseCode } from './websocket-constants.ts'

/** What a Close frame says. */
export interface ClosePayload {
  /** `NO_STATUS` when the frame was empty. */
  readonly code: number
  readonly reason: string | null
}

/** Null when the payload breaks a rule: one byte, a code that may not be sent, a reason that is not UTF-8. */
export function readClosePayload(payload: Buffer): ClosePayload | null {
  if (payload.length === 0) return { code: WebsocketCloseCode.NO_STATUS, reason: null }
  if (payload.length === 1) return null
  const code = payload.readUInt16BE(0)
  const reason = payload.subarray(2)
  if (!isCloseCodeAllowed(code) || !isUtf8(reason)) return null
  return { code, reason: reason.length === 0 ? null : reason.toString('utf8') }
}

/** `NO_STATUS` makes an empty payload; a reason that is too long is cut at the end of a character. */
export function closePayload(code: number, reason: string | null): Buffer {
  if (code === WebsocketCloseCode.NO_STATUS) return Buffer.alloc(0)
  const payload = Buffer.alloc(MAX_CONTROL_PAYLOAD)
  payload.writeUInt16BE(code, 0)
  const written = reason === null ? 0 : payload.write(reason, 2, 'utf8')
  return payload.subarray(0, 2 + written)
}
