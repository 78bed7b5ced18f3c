// Cuts the byte stream of a connection into frames. Whole frames inside one chunk are handed on as slices of it; only a small
// message that spans chunks is put together in a buffer of its own, and that only once its header was found acceptable.
// Called by Connection. Upstream: WebKit/Platform/IPC/unix/ConnectionUnix.cpp (processMessage).
import { FRAME_HEADER_BYTES, readFrameHeader, type FrameHeader } from './frame.ts'

/** What a frame's owner wants done with its payload. */
export type FrameDisposition = 'whole' | 'sliced' | 'refused'

export interface FrameReaderClient {
  /** Called once per frame before any of its payload is looked at. `refused` ends the reading for good. */
  didReadHeader(header: Readonly<FrameHeader>): FrameDisposition
  /** The whole payload. */
  didReadPayload(header: Readonly<FrameHeader>, payload: Buffer): void
  /** The next slice of the payload; called at least once per frame. */
  didReadSlice(header: Readonly<FrameHeader>, slice: Buffer, isLast: boolean): void
}

type State = 'header' | 'whole' | 'sliced' | 'stopped'

export class FrameReader {
  readonly #client: FrameReaderClient
  readonly #header: FrameHeader = { length: 0, message: 0, flags: 0, destination: 0, reply: 0 }
  readonly #partialHeader = Buffer.alloc(FRAME_HEADER_BYTES)
  #partialHeaderLength = 0
  #payload: Buffer | null = null
  /** Payload bytes of the current frame that have not come yet. */
  #missing = 0
  #state: State = 'header'

  constructor(client: FrameReaderClient) {
    this.#client = client
  }

  /** Whether the stream may end here without cutting a frame in two. */
  get isAtBoundary(): boolean {
    return this.#state === 'stopped' || (this.#state === 'header' && this.#partialHeaderLength === 0)
  }

  /** No more callbacks, also not for frames that are in the chunk being read. */
  stop(): void {
    this.#state = 'stopped'
    this.#payload = null
  }

  /** Takes the next chunk of the stream. Its memory is lent to the client by slices. */
  read(chunk: Buffer): void {
    let offset = 0
    while (offset < chunk.length) {
      switch (this.#state) {
        case 'header':
          offset = this.#readHeader(chunk, offset)
          break
        case 'whole':
          offset = this.#readWhole(chunk, offset)
          break
        case 'sliced':
          offset = this.#readSliced(chunk, offset)
          break
        case 'stopped':
          return
      }
    }
  }

  #readHeader(chunk: Buffer, offset: number): number {
    if (this.#partialHeaderLength === 0 && chunk.length - offset >= FRAME_HEADER_BYTES) {
      readFrameHeader(chunk, offset, this.#header)
      offset += FRAME_HEADER_BYTES
    } else {
      const taken = Math.min(FRAME_HEADER_BYTES - this.#partialHeaderLength, chunk.length - offset)
      chunk.copy(this.#partialHeader, this.#partialHeaderLength, offset, offset + taken)
      this.#partialHeaderLength += taken
      offset += taken
      if (this.#partialHeaderLength < FRAME_HEADER_BYTES) return offset
      this.#partialHeaderLength = 0
      readFrameHeader(this.#partialHeader, 0, this.#header)
    }
    this.#startPayload()
    return offset
  }

  #startPayload(): void {
    const header = this.#header
    const disposition = this.#client.didReadHeader(header)
    if (disposition === 'refused') {
      this.stop()
      return
    }
    this.#missing = header.length
    if (header.length > 0) {
      this.#state = disposition
    } else if (disposition === 'whole') {
      this.#client.didReadPayload(header, EMPTY)
    } else {
      this.#client.didReadSlice(header, EMPTY, true)
    }
  }

  #readWhole(chunk: Buffer, offset: number): number {
    const header = this.#header
    const available = chunk.length - offset
    if (!this.#payload && available >= this.#missing) {
      const end = offset + this.#missing
      this.#state = 'header'
      this.#client.didReadPayload(header, chunk.subarray(offset, end))
      return end
    }
    const payload = (this.#payload ??= Buffer.allocUnsafe(header.length))
    const taken = Math.min(this.#missing, available)
    chunk.copy(payload, header.length - this.#missing, offset, offset + taken)
    this.#missing -= taken
    if (this.#missing === 0) {
      this.#payload = null
      this.#state = 'header'
      this.#client.didReadPayload(header, payload)
    }
    return offset + taken
  }

  #readSliced(chunk: Buffer, offset: number): number {
    const end = Math.min(offset + this.#missing, chunk.length)
    this.#missing -= end - offset
    const isLast = this.#missing === 0
    if (isLast) this.#state = 'header'
    this.#client.didReadSlice(this.#header, chunk.subarray(offset, end), isLast)
    return end
  }
}

const EMPTY = Buffer.alloc(0)
