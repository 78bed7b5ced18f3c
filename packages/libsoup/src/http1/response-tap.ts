// Looks at the bytes of a connection as the HTTP/1 parser takes them, to learn what undici does not tell: the version
// of the status line and how long an unfinished header section already is. Used by ClientMessageIOHTTP1 only.

import type { Duplex } from 'node:stream'
import { MAX_RESPONSE_HEAD_BYTES } from '../client-message-io.ts'
import { HTTPVersion } from '../http-version.ts'

/** `HTTP/1.0` and what follows; the minor version is the eighth byte, RFC 9112 section 2.3. */
const MINOR_VERSION_AT = 7

export class ResponseTap {
  /** Version of the response now being read. */
  httpVersion: HTTPVersion = HTTPVersion.HTTP_1_1
  #headBytes = 0
  #inHead = false
  readonly #onOverflow: () => void

  /** @param onOverflow Called when a header section grows past 256 KiB; the connection must then be closed. */
  constructor(stream: Duplex, onOverflow: () => void) {
    this.#onOverflow = onOverflow
    // Own property in front of the class's `read`: the parser keeps reading the very stream, with no layer between.
    const read = stream.read.bind(stream) as (size?: number) => Buffer | null
    stream.read = (size) => {
      const chunk = read(size)
      if (chunk !== null && this.#inHead) this.#inspect(chunk)
      return chunk
    }
  }

  /** A response is awaited. */
  expectHead(): void {
    this.#inHead = true
    this.#headBytes = 0
    this.httpVersion = HTTPVersion.HTTP_1_1
  }

  /** The header section is parsed, the rest is body. */
  headDone(): void {
    this.#inHead = false
  }

  #inspect(chunk: Buffer): void {
    const at = MINOR_VERSION_AT - this.#headBytes
    if (at >= 0 && at < chunk.length && chunk[at] === 0x30) this.httpVersion = HTTPVersion.HTTP_1_0
    // Bytes of the chunk before this one: only when they did not end the section has it become too long. A body that
    // came along with the section must not count.
    if (this.#headBytes > MAX_RESPONSE_HEAD_BYTES) this.#onOverflow()
    this.#headBytes += chunk.length
  }
}
