// Keeps responses and answers with them. A SessionFeature; what HTTP allows is decided in cache-policy.ts, where things
// are kept is a CacheStore's business. Upstream: libsoup/cache/soup-cache.c. RFC 9111, RFC 5861, RFC 8246.

import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import { Status } from '../message/status.ts'
import type { ResponseVerdict, SessionFeature, StoredResponse } from '../session/session-feature.ts'
import type { Session } from '../session/session.ts'
import { BackgroundRevalidator } from './background-revalidator.ts'
import { CacheExchange } from './cache-exchange.ts'
import * as policy from './cache-policy.ts'
import { CacheReader } from './cache-reader.ts'
import type { CacheEvents, CacheOptions } from './cache-options.ts'
import type { CacheStore, StoredEntry } from './cache-store.ts'
import { forgetSource, setSource, sourceOf } from './cache-sources.ts'
import { CacheSource, CacheType } from './cache-type.ts'
import { DiskStore } from './disk-store.ts'
import { MemoryStore } from './memory-store.ts'
import { expectedFields } from './request-fields.ts'
import { relatedKeys } from './related-keys.ts'
import { gatewayTimeout } from './stored-responses.ts'
import { TeeInputStream } from './tee-input-stream.ts'

const DEFAULT_MAX_SIZE = 50 * 1024 * 1024

/** One body is to take this part of the cache at most. */
const ENTRY_FRACTION = 10

/** Serves one session at a time. */
export class Cache extends EventEmitter<CacheEvents> implements SessionFeature {
  readonly processingStage = 'entity-body'
  readonly cacheDir: string | null
  readonly cacheType: CacheType
  readonly #store: CacheStore
  readonly #reader: CacheReader
  readonly #maxEntrySize: number | null
  readonly #exchanges = new Map<Message, CacheExchange>()
  /** Who writes the entry of a key. */
  readonly #writers = new Map<string, TeeInputStream>()
  /** Messages to which the store had nothing to say after all, and that are sent again without it. */
  readonly #bypassing = new WeakSet<Message>()
  readonly #revalidator = new BackgroundRevalidator({
    isStoring: (key) => this.#writers.has(key),
    onFailed: (message, error) => this.emit('revalidation-failed', message, error),
  })
  #session: Session | null = null
  #closed = false

  constructor(options: CacheOptions = {}) {
    super()
    const maxSize = options.maxSize ?? DEFAULT_MAX_SIZE
    this.cacheDir = options.cacheDir ?? null
    this.cacheType = options.cacheType ?? CacheType.SINGLE_USER
    this.#maxEntrySize = options.maxEntrySize ?? null
    const onError = (error: Error): boolean => this.emit('store-failed', error)
    this.#store =
      this.cacheDir === null ? new MemoryStore(maxSize) : new DiskStore({ cacheDir: this.cacheDir, maxSize, onError })
    this.#reader = new CacheReader(this.#store, this.cacheType)
  }

  /** Where the response came from that `message` has. */
  static sourceOf(message: Message): CacheSource {
    return sourceOf(message)
  }

  /** Whether the body of the response that `message` has came from a store, be it that the server was asked first. */
  static isFromCache(message: Message): boolean {
    return sourceOf(message) !== CacheSource.NETWORK
  }

  /** Bytes to keep at most. Setting it lets the responses used least recently go. */
  get maxSize(): number {
    return this.#store.maxSize
  }

  set maxSize(bytes: number) {
    this.#store.maxSize = bytes
  }

  /** Longest body to keep, in bytes. */
  get maxEntrySize(): number {
    return this.#maxEntrySize ?? Math.floor(this.maxSize / ENTRY_FRACTION)
  }

  /** Bytes kept now. */
  get size(): number {
    return this.#store.size
  }

  /**
   * Finds out what is in the directory. It happens by itself when the first message comes, which then waits for it.
   *
   * @throws {Error} Of node:fs, when the directory cannot be used; nothing is stored then.
   */
  load(): Promise<void> {
    return this.#store.load()
  }

  /** Writes down the order of use, so that the next `load` is quick. Responses themselves are written as they come. */
  dump(): Promise<void> {
    return this.#store.dump()
  }

  /** Resolves when all responses that are complete are on disk. */
  flush(): Promise<void> {
    return this.#store.flush()
  }

  /** Forgets everything, also what is being stored and what other processes stored in the directory. Throws as `load`. */
  clear(): Promise<void> {
    this.#stopWriting()
    return this.#store.clear()
  }

  /** Writes what is complete, gives up the rest, and stores and answers nothing more. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true
    this.#revalidator.stop()
    this.#stopWriting()
    await this.#store.flush()
    await this.#store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // SessionFeature.

  /** @throws {TypeError} When it serves another session. */
  attach(session: Session): void {
    if (this.#session !== null && this.#session !== session) throw new TypeError('The cache serves another session.')
    this.#session = session
  }

  detach(): void {
    this.#revalidator.stop()
    this.#session = null
  }

  answer(message: Message): StoredResponse | Promise<StoredResponse | null> | null {
    this.#forget(message)
    forgetSource(message)
    const { method, requestHeaders } = message
    if (method !== 'GET' && method !== 'HEAD') return null
    const { target } = messageState(message)
    // The answer of one host must never become that of another one.
    if ((requestHeaders.getOne('host') ?? target.authority) !== target.authority) return null
    const control = policy.requestControl(requestHeaders)
    if (control.noStore || this.#closed || this.#bypassing.has(message)) return null
    const exchange = new CacheExchange(policy.cacheKey(target, message.isolationKey), control)
    this.#exchanges.set(message, exchange)
    const found = this.#store.find(exchange.key)
    if (found === null) return control.onlyIfCached ? unavailable(message) : null
    if (!(found instanceof Promise)) return this.#answerFrom(message, exchange, found)
    return found.then((entries) => this.#answerFrom(message, exchange, entries))
  }

  requestStarting(message: Message): void {
    const exchange = this.#exchanges.get(message)
    if (exchange === undefined) return
    exchange.requestTime = Date.now()
    if (!exchange.validates) return
    const heads = exchange.entries.map(({ head }) => head)
    exchange.addFields(message, policy.conditionalFields(heads, exchange.selected?.head ?? null))
  }

  gotHeaders(message: Message): void {
    const { method } = message
    if (method === 'GET' || method === 'HEAD' || !policy.invalidates(method, message.statusCode)) return
    for (const key of relatedKeys(message)) {
      this.#writers.get(key)?.stopStoring()
      this.#store.remove(key)
    }
  }

  reviewResponse(message: Message): ResponseVerdict | Promise<ResponseVerdict> {
    const exchange = this.#exchanges.get(message)
    if (exchange === undefined) return 'deliver'
    const { statusCode } = message
    if (statusCode === Status.NOT_MODIFIED) return this.#validated(message, exchange)
    if (message.method === 'HEAD') {
      this.#reader.takeDescription(message, exchange)
      return 'deliver'
    }
    const exchanged = exchange.responseTo(message)
    const hasStored = exchange.entries.length > 0
    const storable = policy.isStorable(exchanged, this.cacheType)
    // An error is no reason to lose what there is.
    exchange.stores = storable && !this.#writers.has(exchange.key) && !(hasStored && statusCode >= 500)
    if (!storable && hasStored && policy.replaces(exchanged)) this.#store.remove(exchange.key)
    if (statusCode < 500 || this.#revalidator.owns(message)) return 'deliver'
    return orDeliver(this.#reader.answerError(message, exchange, statusCode, Date.now()))
  }

  requestFailed(message: Message): StoredResponse | Promise<StoredResponse | null> | null {
    const exchange = this.#exchanges.get(message)
    if (exchange === undefined || this.#revalidator.owns(message)) return null
    return this.#reader.answerError(message, exchange, null, Date.now())
  }

  wantsInput(message: Message): boolean {
    return this.#exchanges.get(message)?.stores ?? false
  }

  wrapInput(message: Message, body: Readable): Readable | null {
    const exchange = this.#exchanges.get(message)
    if (exchange === undefined || !exchange.stores) return null
    const head = exchange.newHead(message, this.cacheType, Date.now())
    const expectedBytes = message.responseHeaders.contentLength
    const isTooLong = expectedBytes !== null && expectedBytes > this.maxEntrySize
    const writer = head === null || isTooLong ? null : this.#store.createWriter(head, expectedBytes)
    if (writer === null) return null
    const { key } = exchange
    const onOver = (): boolean => this.#writers.delete(key)
    const tee = new TeeInputStream({ body, writer, maxBytes: this.maxEntrySize, expectedBytes, onOver })
    this.#writers.set(key, tee)
    return tee
  }

  requestRestarted(message: Message): void {
    this.#forget(message)
  }

  requestUnqueued(message: Message): void {
    this.#forget(message)
    this.#bypassing.delete(message)
  }

  #answerFrom(
    message: Message,
    exchange: CacheExchange,
    entries: readonly StoredEntry[],
  ): StoredResponse | Promise<StoredResponse | null> | null {
    if (this.#exchanges.get(message) !== exchange) return null // cancelled while the store was asked
    exchange.entries = entries
    const fields = expectedFields(message, this.#session, this)
    const mayUse = !this.#revalidator.owns(message)
    const answer = this.#reader.answer(message, exchange, fields, mayUse, Date.now())
    if (exchange.revalidates && this.#session !== null) this.#revalidator.start(this.#session, exchange.key, message)
    if (!exchange.control.onlyIfCached) return answer
    return answer instanceof Promise
      ? answer.then((later) => later ?? unavailable(message))
      : (answer ?? unavailable(message))
  }

  /** The server says that what is stored still holds. */
  #validated(message: Message, exchange: CacheExchange): ResponseVerdict | Promise<ResponseVerdict> {
    const freshened = this.#reader.freshen(message, exchange, Date.now())
    // Whoever asked for himself gets the answer himself.
    if (!exchange.validates || (freshened !== null && this.#revalidator.owns(message))) return 'deliver'
    if (freshened === null) return this.#resendWithout(message)
    const answer = this.#reader.answerValidated(message, exchange, freshened, Date.now())
    if (!(answer instanceof Promise)) return answer ?? this.#resendWithout(message)
    return answer.then((later) => later ?? this.#resendWithout(message))
  }

  /** What the server said it holds is not there any more: the message has to get the whole response. */
  #resendWithout(message: Message): 'resend' {
    this.#bypassing.add(message)
    return 'resend'
  }

  #forget(message: Message): void {
    const exchange = this.#exchanges.get(message)
    if (exchange === undefined) return
    this.#exchanges.delete(message)
    exchange.removeFields(message)
    exchange.body?.destroy()
  }

  #stopWriting(): void {
    for (const tee of [...this.#writers.values()]) tee.stopStoring()
  }
}

/** The answer to `only-if-cached`; it does not come from the network either. */
function unavailable(message: Message): StoredResponse {
  setSource(message, CacheSource.CACHE)
  return gatewayTimeout()
}

function orDeliver(
  answer: StoredResponse | Promise<StoredResponse | null> | null,
): ResponseVerdict | Promise<ResponseVerdict> {
  return answer instanceof Promise ? answer.then((later) => later ?? 'deliver') : (answer ?? 'deliver')
}
