// Counts the bytes of one message's exchange as they are on the wire, into its metrics: undici and node:http tell neither
// how long the header sections were nor what framing the bodies came in. Used by ClientMessageIOHTTP1 for messages with
// COLLECT_METRICS; others have no meter.

import type { Duplex } from 'node:stream'
import type { MessageMetrics } from '../message/message-metrics.ts'

const CR = 0x0d
const LF = 0x0a
/** Where the class of the status code stands in a status line, `HTTP/1.1 200`. */
const STATUS_CLASS_AT = 9

export class WireMeter {
  readonly #metrics: MessageMetrics
  readonly #stream: Duplex
  readonly #sent = new HeadScanner()
  readonly #received = new HeadScanner()

  /** Counts what is written to `stream` from now on. */
  constructor(stream: Duplex, metrics: MessageMetrics) {
    this.#stream = stream
    this.#metrics = metrics
    // In front of the class's methods, as ResponseTap does it.
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
    const counting = (...args: unknown[]): boolean => {
      const [chunk, encoding] = args
      this.#wrote(typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : (chunk as Buffer))
      return write(...args)
    }
    stream.write = counting as Duplex['write']
    // A parser that is to pause gives back what it has not taken, and reads it again.
    const unshift = stream.unshift.bind(stream)
    stream.unshift = (chunk: Buffer, encoding?: BufferEncoding): void => {
      metrics.responseBodyBytesReceived -= chunk.length
      unshift(chunk, encoding)
    }
  }

  read(chunk: Buffer): void {
    const ofHead = this.#received.take(chunk, true)
    this.#metrics.responseHeaderBytesReceived += ofHead
    this.#metrics.responseBodyBytesReceived += chunk.length - ofHead
  }

  detach(): void {
    delete (this.#stream as Partial<Duplex>).write
    delete (this.#stream as Partial<Duplex>).unshift
  }

  #wrote(chunk: Buffer): void {
    const ofHead = this.#sent.take(chunk, false)
    this.#metrics.requestHeaderBytesSent += ofHead
    this.#metrics.requestBodyBytesSent += chunk.length - ofHead
  }
}

/** Finds the end of a header section, the first empty line. */
class HeadScanner {
  /** How much of CRLF CRLF the last bytes were. */
  #matched = 0
  #at = 0
  #isInterim = false
  #done = false

  /** How many bytes of `chunk` belong to header sections; in a response those of informational ones count too. */
  take(chunk: Buffer, isResponse: boolean): number {
    let i = 0
    for (; i < chunk.length && !this.#done; i++) {
      const byte = chunk[i]
      if (isResponse && this.#at === STATUS_CLASS_AT) this.#isInterim = byte === 0x31
      this.#at += 1
      const expected = (this.#matched & 1) === 0 ? CR : LF
      if (byte === expected) this.#matched += 1
      else this.#matched = byte === CR ? 1 : 0
      if (this.#matched < 4) continue
      this.#done = !this.#isInterim
      this.#isInterim = false
      this.#matched = 0
      this.#at = 0
    }
    return i
  }
}
