// What this package publishes on diagnostics channels; nothing is built while nobody listens.

import { channel } from 'node:diagnostics_channel'

/** `wpe:minibrowser:process`: a child process was started, is ready for messages, or is over. */
export interface ProcessMessage {
  /** Ms since the epoch, with a fraction. */
  readonly time: number
  readonly stage: 'launched' | 'exited'
  readonly kind: string
  readonly identifier: number
  readonly pid?: number
  /** With `exited`. */
  readonly reason?: string
}

/** `wpe:minibrowser:page`: the UIProcess learned of a step of a navigation, or decided one. */
export interface PageMessage {
  readonly time: number
  readonly stage: string
  readonly navigationID: number
  readonly url?: string
  readonly site?: string
}

const processChannel = channel('wpe:minibrowser:process')
const pageChannel = channel('wpe:minibrowser:page')

/** Milliseconds since the epoch with a fraction, from a clock that does not jump. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

export function publishProcess(message: Omit<ProcessMessage, 'time'>): void {
  if (processChannel.hasSubscribers) processChannel.publish({ time: now(), ...message } satisfies ProcessMessage)
}

export function publishPage(message: Omit<PageMessage, 'time'>): void {
  if (pageChannel.hasSubscribers) pageChannel.publish({ time: now(), ...message } satisfies PageMessage)
}
