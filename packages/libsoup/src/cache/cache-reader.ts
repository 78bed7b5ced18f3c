// Answers messages with stored responses, and brings those up to date with what servers say about them. Called by Cache.

import type { Readable } from 'node:stream'
import { Status } from '../message/status.ts'
import { MessageFlags } from '../message/message-flags.ts'
import type { Message } from '../message/message.ts'
import { redirectKind } from '../session/redirect.ts'
import type { StoredResponse } from '../session/session-feature.ts'
import type { CacheExchange } from './cache-exchange.ts'
import * as policy from './cache-policy.ts'
import type { RequestFieldReader, StoredHead } from './cache-policy.ts'
import { setSource } from './cache-sources.ts'
import type { CacheStore, StoredEntry } from './cache-store.ts'
import { CacheSource } from './cache-type.ts'
import type { CacheType } from './cache-type.ts'
import { emptyBody, notModified, responseOf } from './stored-responses.ts'

/** Null: nothing that could be used is stored. */
export type StoredAnswer = StoredResponse | Promise<StoredResponse | null> | null

/** A stored response as the server says it is now. */
export interface Freshened {
  readonly entry: StoredEntry
  readonly head: StoredHead
}

/** Times are milliseconds since the epoch. */
export class CacheReader {
  readonly #store: CacheStore
  readonly #type: CacheType

  constructor(store: CacheStore, type: CacheType) {
    this.#store = store
    this.#type = type
  }

  /**
   * Answers with one of `exchange.entries` without asking the server; else finds out what to ask it.
   *
   * @param fields The request's fields as far as they are known.
   * @param mayUse False for a message whose purpose it is to ask.
   */
  answer(
    message: Message,
    exchange: CacheExchange,
    fields: RequestFieldReader,
    mayUse: boolean,
    now: number,
  ): StoredAnswer {
    const { entries, control } = exchange
    const selected = policy.selectStored(entries, fields)
    const headers = message.requestHeaders
    exchange.selected = selected
    exchange.validates = entries.length > 0 && !policy.hasConditions(headers)
    if (selected === null) return null
    const { head, bodyLength } = selected
    if (
      isFollowed(message, head) ||
      (message.method === 'GET' && policy.chooseRange(headers, head, bodyLength) === null)
    ) {
      exchange.validates = false
      return null
    }
    const reuse = mayUse ? policy.decideReuse(head, control, this.#type, now) : 'validate'
    const conditions = policy.evaluateConditions(headers, head)
    if (reuse === 'validate' || conditions === null) return null
    exchange.revalidates = reuse === 'use-and-revalidate' && !control.onlyIfCached
    setSource(message, CacheSource.CACHE)
    if (conditions === Status.NOT_MODIFIED) return notModified(head, now)
    return this.#open(message, exchange, selected, head, now)
  }

  /**
   * Answers in the place of a server that cannot (RFC 5861 section 4), if that is allowed. A `statusCode` of null: it did
   * not answer at all.
   */
  answerError(message: Message, exchange: CacheExchange, statusCode: number | null, now: number): StoredAnswer {
    const { selected, control, validates } = exchange
    if (selected === null || !validates) return null
    if (!policy.mayUseOnError(selected.head, control, this.#type, now, statusCode)) return null
    setSource(message, CacheSource.CACHE)
    return this.#open(message, exchange, selected, selected.head, now)
  }

  /** Answers with what a 304 has freshened. */
  answerValidated(message: Message, exchange: CacheExchange, { entry, head }: Freshened, now: number): StoredAnswer {
    setSource(message, CacheSource.VALIDATED)
    return this.#open(message, exchange, entry, head, now)
  }

  /** Brings the entry up to date that the 304 of `message` is about; null when it is about none. */
  freshen(message: Message, exchange: CacheExchange, now: number): Freshened | null {
    const headers = message.responseHeaders
    // What a caller asked about need not be what is stored: then it must be named.
    if (!exchange.validates && !headers.has('etag') && !headers.has('last-modified')) return null
    const entry = policy.selectFreshened(exchange.entries, exchange.selected, headers)
    if (entry === null) return null
    const times = { requestTime: exchange.requestTime, responseTime: now }
    const head = policy.freshenedHead(entry.head, headers, this.#type, times)
    if (head.control.noStore && !head.control.mustUnderstand) this.#store.remove(exchange.key)
    else this.#store.update(entry, head)
    return { entry, head }
  }

  /** Takes what the response to a HEAD says about what is stored (RFC 9111 section 4.3.5). */
  takeDescription(message: Message, exchange: CacheExchange, now = Date.now()): void {
    const { selected } = exchange
    const headers = message.responseHeaders
    if (selected === null || message.statusCode !== Status.OK) return
    if (!policy.describesSame(selected.head, headers)) this.#store.remove(exchange.key)
    else {
      const times = { requestTime: exchange.requestTime, responseTime: now }
      this.#store.update(selected, policy.freshenedHead(selected.head, headers, this.#type, times))
    }
  }

  #open(message: Message, exchange: CacheExchange, entry: StoredEntry, head: StoredHead, now: number): StoredAnswer {
    if (message.method === 'HEAD') return responseOf(head, emptyBody(), null, 0, now)
    const choice = policy.chooseRange(message.requestHeaders, head, entry.bodyLength)
    const part = choice === 'whole' ? null : choice
    const deliver = (body: Readable | null): StoredResponse | null => {
      exchange.body = body
      if (body !== null) return responseOf(head, body, part, entry.bodyLength, now)
      setSource(message, CacheSource.NETWORK)
      exchange.entries = exchange.entries.filter((one) => one !== entry)
      exchange.selected = null
      exchange.validates &&= exchange.entries.length > 0
      return null
    }
    const body = this.#store.openBody(entry, part)
    return body instanceof Promise ? body.then(deliver) : deliver(body)
  }
}

/** A stored redirect would be delivered; one that the session is to follow must come from the network. */
function isFollowed(message: Message, { data, headers }: StoredHead): boolean {
  if (data.statusCode < 300 || data.statusCode > 399 || !headers.has('location')) return false
  return !message.queryFlags(MessageFlags.NO_REDIRECT) && redirectKind(data.statusCode, message.method) !== null
}
