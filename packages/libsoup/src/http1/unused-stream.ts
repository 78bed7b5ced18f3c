// Looks after a connection that was made ahead of need, until its first message: undici takes a stream over only then,
// and a stream that nobody reads does not tell that its peer has gone. Used by ClientMessageIOHTTP1.

import type { Duplex } from 'node:stream'

export class UnusedStream {
  readonly #stream: Duplex
  readonly #timer: NodeJS.Timeout

  /** Closes `stream` after `idleMs`, and as soon as the peer ends it or says what nobody asked for. */
  constructor(stream: Duplex, idleMs: number) {
    this.#stream = stream
    this.#timer = setTimeout(this.#close, idleMs).unref()
    stream.on('readable', this.#onReadable).on('end', this.#close)
  }

  /** It is about to be used. */
  release(): void {
    clearTimeout(this.#timer)
    this.#stream.off('readable', this.#onReadable).off('end', this.#close)
  }

  readonly #onReadable = (): void => {
    if (this.#stream.read() !== null) this.#close()
  }

  readonly #close = (): void => {
    this.release()
    this.#stream.destroy()
  }
}
