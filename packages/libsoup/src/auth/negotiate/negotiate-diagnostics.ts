// What Negotiate tells `node:diagnostics_channel`: why it was given up for a message. Upstream writes a warning.

import { channel } from 'node:diagnostics_channel'
import type { NegotiateError } from './negotiate-error.ts'

/** Channel `wpe:soup:negotiate`. */
export interface SoupNegotiateDiagnostics {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** Host and port of who asked. */
  readonly authority: string
  readonly error: NegotiateError
}

const negotiateChannel = channel('wpe:soup:negotiate')

export function publishNegotiateFailure(authority: string, error: NegotiateError): void {
  if (!negotiateChannel.hasSubscribers) return
  const payload: SoupNegotiateDiagnostics = { time: Date.now(), authority, error }
  negotiateChannel.publish(payload)
}
