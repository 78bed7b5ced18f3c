// Looks at the bytes of a connection as the HTTP/1 parser takes them, to learn what undici does not tell: the version
// of the status line, how long an unfinished header section already is, 100 Continue, and what stood in a response that
// undici took for an upgrade. Used by ClientMessageIOHTTP1.

import type { Duplex } from 'node:stream'
import { MAX_RESPONSE_HEAD_BYTES } from '../connection/client-message-io.ts'
import { HTTPVersion } from '../message/http-version.ts'
import type { WireMeter } from './wire-meter.ts'

/** `HTTP/1.0` and what follows; the minor version is the eighth byte, RFC 9112 section 2.3. */
const MINOR_VERSION_AT = 7

const CONTINUE = 'HTTP/1.1 100'
/** What is not quite that is left to the parser, which refuses it. */
const CONTINUE_HEAD =
  /^HTTP\/1\.1 100(?: [\t\x20-\x7e\x80-\xff]*)?\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/

export interface ResponseTapObserver {
  /** The header section has grown past 256 KiB; the connection must be closed. */
  headOverflow(): void
  /** More than 256 KiB of chunk sizes, extensions and trailers have come with no data between; likewise. */
  framingOverflow(): void
  /** A `100 Continue` was taken out of what the parser reads. */
  gotContinue(): void
}

export class ResponseTap {
  /** Version of the response now being read. */
  httpVersion: HTTPVersion = HTTPVersion.HTTP_1_1
  #headBytes = 0
  #inHead = false
  /** Bytes since the last data of the body. */
  #framingBytes = 0
  #record: Buffer[] | null = null
  /** Told of all that is read; null for messages whose bytes nobody counts. */
  meter: WireMeter | null = null
  readonly #observer: ResponseTapObserver
  readonly #stream: Duplex

  constructor(stream: Duplex, observer: ResponseTapObserver) {
    this.#observer = observer
    this.#stream = stream
    // Own property in front of the class's `read`: the parser keeps reading the very stream, with no layer between.
    const read = stream.read.bind(stream) as (size?: number) => Buffer | null
    stream.read = (size) => {
      for (;;) {
        const chunk = read(size)
        if (chunk === null) return null
        if (this.meter !== null) this.meter.read(chunk)
        if (!this.#inHead) {
          this.#countFraming(chunk)
          return chunk
        }
        const left = this.#inspect(chunk)
        if (left.length > 0) return left
      }
    }
  }

  /** A response is awaited; `recording` keeps what is read up to `headDone` for `takeRecord`. */
  expectHead(recording = false): void {
    this.#inHead = true
    this.#headBytes = 0
    this.httpVersion = HTTPVersion.HTTP_1_1
    this.#record = recording ? [] : null
  }

  /** The header section is parsed, the rest is body. */
  headDone(): void {
    this.#inHead = false
    this.#framingBytes = 0
  }

  /** The parser found data in what was read last. */
  gotData(): void {
    this.#framingBytes = 0
  }

  /** All that came since `expectHead(true)`, the header section and perhaps more. */
  takeRecord(): Buffer {
    const record = Buffer.concat(this.#record ?? [])
    this.#record = null
    return record
  }

  /** Leaves the stream as it was. */
  detach(): void {
    this.#inHead = false
    delete (this.#stream as Partial<Duplex>).read
  }

  // As for the head: only when bytes read before brought no data are they too many.
  #countFraming(chunk: Buffer): void {
    if (this.#framingBytes > MAX_RESPONSE_HEAD_BYTES) this.#observer.framingOverflow()
    this.#framingBytes += chunk.length
  }

  /** What is left for the parser. */
  #inspect(received: Buffer): Buffer {
    const chunk = this.#headBytes === 0 ? this.#withoutContinue(received) : received
    const at = MINOR_VERSION_AT - this.#headBytes
    if (at >= 0 && at < chunk.length && chunk[at] === 0x30) this.httpVersion = HTTPVersion.HTTP_1_0
    // Bytes of the chunk before this one: only when they did not end the section has it become too long. A body that
    // came along with the section must not count.
    if (this.#headBytes > MAX_RESPONSE_HEAD_BYTES) this.#observer.headOverflow()
    this.#headBytes += chunk.length
    this.#record?.push(chunk)
    return chunk
  }

  /** `100 Continue` may come unasked (RFC 9110 section 15.2); undici takes it for an error. */
  #withoutContinue(chunk: Buffer): Buffer {
    while (chunk.length > CONTINUE.length && chunk.toString('latin1', 0, CONTINUE.length) === CONTINUE) {
      const end = chunk.indexOf('\r\n\r\n', CONTINUE.length)
      if (end < 0 || !CONTINUE_HEAD.test(chunk.toString('latin1', 0, end + 2))) break
      this.#observer.gotContinue()
      chunk = chunk.subarray(end + 4)
    }
    return chunk
  }
}
