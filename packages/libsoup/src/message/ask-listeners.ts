// Signals whose listeners answer: upstream's with a boolean result, which a plain 'emit' throws away. Used for
// 'authenticate', 'accept-certificate' and the requests for client certificates.

import type { EventEmitter } from 'node:events'

/**
 * Calls the listeners of `event` in order until one says yes, by returning true or a promise of true. Without listeners
 * the answer is no. What a listener throws, or its promise rejects with, is passed on.
 *
 * @returns The answer; a promise when a listener gave one before anybody said yes.
 */
export function askListeners(
  emitter: EventEmitter<never>,
  event: string,
  ...args: readonly unknown[]
): boolean | Promise<boolean> {
  const source = emitter as unknown as EventEmitter
  if (source.listenerCount(event) === 0) return false
  return askFrom(source, source.rawListeners(event), 0, args)
}

function askFrom(
  emitter: EventEmitter,
  listeners: readonly unknown[],
  start: number,
  args: readonly unknown[],
): boolean | Promise<boolean> {
  for (let i = start; i < listeners.length; i++) {
    const answer = (listeners[i] as (...given: readonly unknown[]) => unknown).apply(emitter, [...args])
    if (answer === true) return true
    if (answer instanceof Promise) {
      return answer.then((later: unknown) => later === true || askFrom(emitter, listeners, i + 1, args))
    }
  }
  return false
}
