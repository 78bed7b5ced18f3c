// Asks servers about stale responses that were used all the same, after the fact: a few at once, one for each response.
// Owned by Cache. RFC 5861 section 3.

import { once } from 'node:events'
import { Message } from '../message/message.ts'
import { MessageFlags } from '../message/message-flags.ts'
import { MessagePriority } from '../message/message-priority.ts'
import type { Session } from '../session/session.ts'
import type { SessionFeatureClass } from '../session/session-feature.ts'
import { CONDITIONAL_FIELDS } from './cache-validation.ts'

/** More than these are left out; the next use of the response will ask again. */
const MAX_AT_ONCE = 4

/** Milliseconds for one. */
const TIMEOUT_MS = 60_000

export interface BackgroundRevalidatorOptions {
  /** Whether a response for this key is being stored; what is not need not be read. */
  readonly isStoring: (key: string) => boolean
  readonly onFailed: (message: Message, error: Error) => void
}

export class BackgroundRevalidator {
  readonly #running = new Map<string, Message>()
  readonly #messages = new WeakSet<Message>()
  readonly #options: BackgroundRevalidatorOptions
  #abort = new AbortController()

  constructor(options: BackgroundRevalidatorOptions) {
    this.#options = options
  }

  /** Whether `message` is one of its own. */
  owns(message: Message): boolean {
    return this.#messages.has(message)
  }

  /** Sends the request of `original`, whose response is stored under `key`, once more. */
  start(session: Session, key: string, original: Message): void {
    if (this.#running.size >= MAX_AT_ONCE || this.#running.has(key)) return
    const message = copyRequest(session, original)
    this.#running.set(key, message)
    this.#messages.add(message)
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(TIMEOUT_MS)])
    // Not before the message that caused it has got its answer.
    setImmediate(() => void this.#run(session, key, message, signal))
  }

  /** Cancels what is under way. */
  stop(): void {
    this.#abort.abort()
    this.#abort = new AbortController()
  }

  async #run(session: Session, key: string, message: Message, signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted()
      const body = await session.send(message, { signal })
      body.on('data', () => {
        if (!this.#options.isStoring(key)) body.destroy()
      })
      await once(body, 'close')
    } catch (error) {
      // The answer has been given; that a newer one could not be had is for those who want to know.
      if (!signal.aborted) this.#options.onFailed(message, error as Error)
    } finally {
      this.#running.delete(key)
    }
  }
}

function copyRequest(session: Session, original: Message): Message {
  const message = new Message('GET', original.uri)
  for (const [name, value] of original.requestHeaders) message.requestHeaders.append(name, value)
  for (const name of [...CONDITIONAL_FIELDS, 'range', 'cache-control', 'pragma']) message.requestHeaders.remove(name)
  message.flags = (original.flags | MessageFlags.NO_REDIRECT) & ~MessageFlags.COLLECT_METRICS
  message.priority = MessagePriority.VERY_LOW
  const { firstParty, siteForCookies, isTopLevelNavigation, isolationKey, forceHttp1, acceptCertificate } = original
  Object.assign(message, {
    firstParty,
    siteForCookies,
    isTopLevelNavigation,
    isolationKey,
    forceHttp1,
    acceptCertificate,
  })
  for (const feature of session.features) {
    if (original.isFeatureDisabled(feature)) message.disableFeature(feature.constructor as SessionFeatureClass)
  }
  return message
}
