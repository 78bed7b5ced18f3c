// The body of a server's request or response, as a list of chunks that may still grow.
// Called by ServerMessage (its requestBody and responseBody) and drained by ServerMessageDriver.
// Upstream: libsoup/server/soup-message-body.c

/**
 * Bytes of one body. Handlers append and complete; the server takes the chunks out as the client accepts them.
 */
export class MessageBody {
  /**
   * Whether chunks are kept after the server has taken them. A request body accumulates so that `flatten` has all of it;
   * a response body does not, so that a long chunked response costs only what is in flight.
   */
  accumulate: boolean
  readonly #onChange: (() => void) | null
  #chunks: Buffer[] = []
  #taken = 0
  #length = 0
  #complete = false

  /** @param onChange Called after each `append`, `complete` and `truncate`. */
  constructor(accumulate: boolean, onChange: (() => void) | null = null) {
    this.accumulate = accumulate
    this.#onChange = onChange
  }

  /** Bytes appended since the start or the last `truncate`, whether or not they were sent already. */
  get length(): number {
    return this.#length
  }

  /** True after `complete`: nothing more will be appended. */
  get isComplete(): boolean {
    return this.#complete
  }

  /** Everything that is held, as one buffer: for a request body that accumulates, the whole body. */
  get data(): Buffer {
    return this.flatten()
  }

  /**
   * Adds a chunk; strings are encoded as UTF-8, other bytes are not copied and must not be changed afterwards. Empty chunks
   * are dropped, since an empty chunk would end a chunked body (RFC 9112 section 7.1).
   *
   * @throws {Error} after `complete`.
   */
  append(data: Uint8Array | string): void {
    if (this.#complete) throw new Error('The body is already complete')
    const chunk =
      typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#length += chunk.length
    this.#onChange?.()
  }

  /** Says that the body ends here. May be called twice. */
  complete(): void {
    if (this.#complete) return
    this.#complete = true
    this.#onChange?.()
  }

  /** Forgets everything, so that the body can be written anew. */
  truncate(): void {
    this.#chunks = []
    this.#taken = 0
    this.#length = 0
    this.#complete = false
    this.#onChange?.()
  }

  /** The chunks that are held, joined into one buffer and kept that way. */
  flatten(): Buffer {
    const [first] = this.#chunks
    if (first === undefined) return Buffer.alloc(0)
    if (this.#chunks.length === 1) return first
    const whole = Buffer.concat(this.#chunks)
    if (this.#taken === 0) this.#chunks = [whole]
    return whole
  }

  /** The next chunk nobody took yet, or null when there is none for the moment. Called by the server only. */
  takeChunk(): Buffer | null {
    const chunk = this.#chunks[this.#taken]
    if (chunk === undefined) return null
    if (this.accumulate) this.#taken++
    else this.#chunks.shift()
    return chunk
  }
}
