// Reads the parts of a multipart response one after the other as they come, such as a stream of pictures
// (multipart/x-mixed-replace) or ranges. For callers of Session.send. Upstream: libsoup/soup-multipart-input-stream.c.

import { Readable } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import { SessionError } from '../errors.ts'
import type { MessageHeaders } from '../headers/message-headers.ts'
import type { Message } from '../message/message.ts'
import { boundaryOf } from './multipart.ts'
import { MultipartParser } from './multipart-parser.ts'
import type { MultipartEvent } from './multipart-parser.ts'

export interface MultipartInputStreamOptions {
  /** Bytes the headers of one part may have; default 64 KiB. */
  readonly maxHeaderBytes?: number
  /** Parts there may be; default 10,000, and no limit for `multipart/x-mixed-replace`, which has no end by nature. */
  readonly maxParts?: number
}

/** Bytes behind the last part that are read away to keep the connection. */
const MAX_EPILOGUE_BYTES = 64 * 1024

export interface NextPartOptions {
  readonly signal?: AbortSignal
}

/** No more than a chunk of it is held; what a part's reader does not take is not read from the network. */
export class MultipartInputStream {
  readonly message: Message
  readonly #base: Readable
  readonly #chunks: AsyncIterator<Buffer>
  readonly #parser: MultipartParser
  #headers: MessageHeaders | null = null
  #part: PartStream | null = null
  /** Settles when nobody is reading. */
  #turn: Promise<unknown> = Promise.resolve()

  /**
   * @param baseStream The body of `message`'s response.
   * @throws {SessionError} `PARSING` when the response is no multipart, or has no boundary.
   */
  constructor(message: Message, baseStream: Readable, options: MultipartInputStreamOptions = {}) {
    const boundary = boundaryOf(message.responseHeaders)
    if (boundary === null) throw new SessionError('PARSING', 'The response is no multipart with a boundary.')
    const isReplacing = message.responseHeaders.contentType === 'multipart/x-mixed-replace'
    this.message = message
    this.#base = baseStream
    this.#chunks = baseStream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    // Some put the dashes into the parameter too.
    this.#parser = new MultipartParser(
      boundary.startsWith('--') && boundary.length > 2 ? boundary.slice(2) : boundary,
      {
        maxHeaderBytes: options.maxHeaderBytes ?? 64 * 1024,
        maxParts: options.maxParts ?? (isReplacing ? Number.POSITIVE_INFINITY : 10_000),
      },
    )
  }

  /** The headers of the part `nextPart` returned last; null before the first and behind the last. */
  getHeaders(): MessageHeaders | null {
    return this.#headers
  }

  /**
   * The body of the next part, or null behind the last. What has not been read of the part before is thrown away, and its
   * stream is destroyed. Aborting `signal` ends all reading of the response.
   *
   * @throws {SessionError} `PARSING` when the part's headers are malformed or too many, or there are too many parts.
   * @throws {IOError} `CANCELLED` when `signal` aborts; and what the response's stream fails with.
   */
  async nextPart({ signal }: NextPartOptions = {}): Promise<Readable | null> {
    if (signal?.aborted === true) throw cancelled(signal)
    const abort = (): void => void this.#base.destroy(cancelled(signal as AbortSignal))
    signal?.addEventListener('abort', abort, { once: true })
    try {
      return await this.#inTurn(() => this.#advance())
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Gives up: the response's stream is destroyed. */
  destroy(): void {
    this.#part?.destroy()
    this.#base.destroy()
  }

  async #advance(): Promise<Readable | null> {
    this.#part?.destroy()
    this.#part = null
    this.#headers = null
    try {
      for (;;) {
        const event = await this.#next()
        if (event.kind === 'end') {
          void this.#drain()
          return null
        }
        if (event.kind !== 'part') continue
        this.#headers = event.headers
        return (this.#part = this.#makePart())
      }
    } catch (error) {
      this.#base.destroy()
      throw error
    }
  }

  #makePart(): PartStream {
    const part: PartStream = new PartStream(() => {
      // A part that has been passed over must not take from the next one.
      return this.#inTurn(() => (this.#part === part ? this.#next() : Promise.resolve({ kind: 'boundary' })))
    })
    return part
  }

  /** Reads what little comes behind the last part, so that the connection can be used again. */
  async #drain(): Promise<void> {
    try {
      for (let size = 0; size <= MAX_EPILOGUE_BYTES;) {
        const { done, value } = (await this.#chunks.next()) as IteratorResult<Buffer, undefined>
        if (done === true) return
        size += value.length
      }
      this.#base.destroy()
    } catch {
      // All parts have been read: how the rest fares is nobody's concern.
    }
  }

  async #next(): Promise<MultipartEvent> {
    for (;;) {
      const event = this.#parser.read()
      if (event !== null) return event
      const { done, value } = (await this.#chunks.next()) as IteratorResult<Buffer, undefined>
      if (done === true) this.#parser.finish()
      else this.#parser.push(value)
    }
  }

  /** One after the other: a part may still be waiting for its bytes when the next one is asked for. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task)
    this.#turn = result.catch(() => undefined) // told to whoever asked
    return result
  }
}

class PartStream extends Readable {
  readonly #next: () => Promise<MultipartEvent>

  constructor(next: () => Promise<MultipartEvent>) {
    super()
    this.#next = next
  }

  override _read(): void {
    this.#next().then(
      (event) => {
        if (!this.destroyed) this.push(event.kind === 'data' ? event.chunk : null)
      },
      (error: Error) => this.destroy(error),
    )
  }
}

function cancelled(signal: AbortSignal): IOError {
  return new IOError('CANCELLED', 'Reading the multipart response was cancelled.', { cause: signal.reason })
}
