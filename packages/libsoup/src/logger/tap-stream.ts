// A stream that gives what another gives and shows each chunk to an onlooker. Used by Logger and RequestBody.
// Upstream: libsoup/soup-logger-input-stream.c.

import { pipeline, Transform } from 'node:stream'
import type { Readable, TransformCallback } from 'node:stream'

/** `source` seen by `tap`. Errors of `source` surface on the result; destroying the result destroys `source`. */
export function tapStream(source: Readable, tap: (chunk: Uint8Array) => void): Readable {
  // The callback is only there because `pipeline` wants one: errors come out of the stream itself.
  return pipeline(source, new TapStream(tap), () => undefined)
}

class TapStream extends Transform {
  readonly #tap: (chunk: Uint8Array) => void

  constructor(tap: (chunk: Uint8Array) => void) {
    super()
    this.#tap = tap
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#tap(chunk)
    callback(null, chunk)
  }
}
