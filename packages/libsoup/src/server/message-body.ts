// The body of a server's request or response, as a list of chunks that may still grow.
// Called by ServerMessage (its requestBody and responseBody) and drained by ResponseWriter.
// Upstream: libsoup/server/soup-message-body.c

/** Who is told when a body changes. */
export interface MessageBodyListener {
  bodyChanged(): void
}

/**
 * Bytes of one body. Handlers append and complete; the server takes the chunks out as the client accepts them.
 */
export class MessageBody {
  /**
   * Whether chunks are kept after the server has taken them. A request body accumulates so that `flatten` has all of it;
   * a response body does not, so that a long chunked response costs only what is in flight.
   */
  accumulate: boolean
  readonly #listener: MessageBodyListener | null
  #chunks: Buffer[] = []
  /** Index of the first chunk that is held: to shift thousands of them one by one takes quadratic time. */
  #first = 0
  /** Index of the chunk the server takes next. */
  #next = 0
  /** Bytes of the chunks that are not held any more. */
  #dropped = 0
  #length = 0
  #complete = false

  /**
   * @param accumulate Whether chunks are kept.
   * @param listener Told after each `append`, `complete` and `truncate`.
   */
  constructor(accumulate: boolean = true, listener: MessageBodyListener | null = null) {
    this.accumulate = accumulate
    this.#listener = listener
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
    if (this.#complete) throw new Error('The body is already complete.')
    const chunk = asBuffer(data)
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#length += chunk.length
    this.#listener?.bodyChanged()
  }

  /** Says that the body ends here. May be called twice. */
  complete(): void {
    if (this.#complete) return
    this.#complete = true
    this.#listener?.bodyChanged()
  }

  /** Forgets everything, so that the body can be written anew. */
  truncate(): void {
    this.#hold([])
    this.#dropped = 0
    this.#length = 0
    this.#complete = false
    this.#listener?.bodyChanged()
  }

  /** Sets the whole body at once; what `truncate`, `append` and `complete` would do one after the other. */
  set(data: Uint8Array | string): void {
    const chunk = asBuffer(data)
    this.#hold(chunk.length === 0 ? [] : [chunk])
    this.#dropped = 0
    this.#length = chunk.length
    this.#complete = true
    this.#listener?.bodyChanged()
  }

  /** The chunks that are held, joined into one buffer and kept that way. */
  flatten(): Buffer {
    const first = this.#chunks[this.#first]
    if (first === undefined) return Buffer.alloc(0)
    if (this.#chunks.length === this.#first + 1) return first
    const whole = Buffer.concat(this.#chunks.slice(this.#first))
    if (this.#next === this.#first) this.#hold([whole])
    return whole
  }

  /**
   * What follows `offset`, up to the end of the chunk that holds it: to walk through a body that may still grow.
   *
   * @param offset Bytes from the start of the body.
   * @returns An empty buffer at the end of a complete body; null when those bytes are not there yet, or not any more.
   */
  getChunk(offset: number): Buffer | null {
    if (offset === this.#length && this.#complete) return Buffer.alloc(0)
    let start = this.#dropped
    if (offset < start) return null
    for (let i = this.#first; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i] as Buffer
      if (offset < start + chunk.length) return offset === start ? chunk : chunk.subarray(offset - start)
      start += chunk.length
    }
    return null
  }

  /** Takes in a chunk that was received: it is kept if the body accumulates. */
  gotChunk(chunk: Uint8Array): void {
    if (this.accumulate) this.append(chunk)
  }

  /** Says that `chunk`, the first that is held, was sent: it is dropped unless the body accumulates. */
  wroteChunk(chunk: Uint8Array): void {
    const first = this.#chunks[this.#first]
    if (this.accumulate || first === undefined) return
    if (first.length !== chunk.length) throw new RangeError('Chunks are sent in the order in which they were appended.')
    this.#drop()
  }

  /** The next chunk nobody took yet, or null when there is none for the moment. Called by the server only. */
  takeChunk(): Buffer | null {
    const chunk = this.#chunks[this.#next]
    if (chunk === undefined) return null
    this.#next++
    if (!this.accumulate) this.#drop()
    return chunk
  }

  /** Whether every chunk that is held was taken. Called by the server only. */
  get isTaken(): boolean {
    return this.#next === this.#chunks.length
  }

  #hold(chunks: Buffer[]): void {
    this.#chunks = chunks
    this.#first = 0
    this.#next = 0
  }

  #drop(): void {
    this.#dropped += (this.#chunks[this.#first] as Buffer).length
    this.#chunks[this.#first++] = DROPPED
    this.#next = Math.max(this.#next, this.#first)
    if (this.#first < this.#chunks.length && (this.#first < MIN_DROPPED || this.#first * 2 < this.#chunks.length))
      return
    this.#chunks.splice(0, this.#first)
    this.#next -= this.#first
    this.#first = 0
  }
}

/** In the place of a chunk whose memory is not held any more. */
const DROPPED = Buffer.alloc(0)

/** So many places of dropped chunks are borne with. */
const MIN_DROPPED = 1024

function asBuffer(data: Uint8Array | string): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
