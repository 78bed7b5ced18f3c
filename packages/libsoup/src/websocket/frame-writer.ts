// Makes frames and hands them to the stream in batches: all that is sent in one turn goes out in one write. Used by
// WebsocketConnection. Framing: RFC 6455 section 5.2.

import { randomFillSync } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { maskInPlace } from './frame-mask.ts'

// Frames of all connections are built in one block after the other; a write is a range of it. A block is not used again.
const BLOCK_SIZE = 32 * 1024
// Unmasked payloads above this go out as they are, beside their header.
const COPY_UP_TO = 8 * 1024
// A batch goes out early when it is this long, in bytes.
const FLUSH_AT = 64 * 1024

const NO_RANGE = Buffer.alloc(0)
let block = NO_RANGE
let blockUsed = 0

// Keys must come from a strong source (RFC 6455 section 10.3); one call fills many.
const keys = Buffer.alloc(4096)
let keysUsed = keys.length

/** The sending direction of one connection. */
export class FrameWriter {
  readonly #stream: Duplex
  readonly #masked: boolean
  readonly #drained: () => void
  // What waits for the flush: whole buffers, then the open range of the current block.
  #batch: Buffer[] = []
  #range: Buffer = NO_RANGE
  #rangeStart = 0
  #rangeEnd = 0
  #pending = 0
  #held = false
  #scheduled = false
  #wantsDrain = false

  /** @param drained Called when a write that `write` called congested has left; masked is for clients. */
  constructor(stream: Duplex, masked: boolean, drained: () => void) {
    this.#stream = stream
    this.#masked = masked
    this.#drained = drained
  }

  /** Bytes that were written and have not left this process. */
  get bufferedAmount(): number {
    return this.#pending + this.#stream.writableLength
  }

  get isCongested(): boolean {
    return this.bufferedAmount >= this.#stream.writableHighWaterMark
  }

  /**
   * Adds a frame.
   *
   * @param first First byte of the frame: FIN, reserved bits, opcode.
   * @param payload Not copied when it is long and needs no mask: must stay as it is until it has left.
   * @returns Whether more may be written without filling memory; after a false, `drained` is called.
   */
  write(first: number, payload: Uint8Array): boolean {
    const { length } = payload
    const header = headerSize(length, this.#masked)
    if (length > COPY_UP_TO && !this.#masked) {
      const at = this.#reserve(header)
      writeHeader(block, at, first, length)
      this.#add(Buffer.from(payload.buffer, payload.byteOffset, length))
    } else if (header + length > BLOCK_SIZE / 2) {
      const frame = Buffer.allocUnsafeSlow(header + length)
      frame.set(payload, header)
      this.#finish(frame, 0, first, length)
      this.#add(frame)
    } else {
      const at = this.#reserve(header + length)
      block.set(payload, at + header)
      this.#finish(block, at, first, length)
    }
    return this.#written(header + length)
  }

  /** Like `write` for a text, of at most a few kilobytes, that is encoded in place. */
  writeText(first: number, text: string, length: number): boolean {
    const header = headerSize(length, this.#masked)
    const at = this.#reserve(header + length)
    block.write(text, at + header, length, 'utf8')
    this.#finish(block, at, first, length)
    return this.#written(header + length)
  }

  /** Until `release` nothing goes out; for the time in which a chunk that came is worked on. */
  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    if (this.#pending > 0) this.flush()
  }

  /** Hands everything to the stream. */
  flush(): void {
    this.#closeRange()
    const batch = this.#batch
    const stream = this.#stream
    this.#pending = 0
    if (batch.length > 0) this.#batch = []
    if (batch.length > 0 && stream.writable) {
      if (batch.length === 1) {
        stream.write(batch[0])
      } else {
        stream.cork()
        for (const buffer of batch) stream.write(buffer)
        stream.uncork()
      }
    }
    if (this.#wantsDrain && !stream.writableNeedDrain) this.streamDrained()
  }

  /** To be called on the stream's 'drain'. */
  streamDrained(): void {
    if (!this.#wantsDrain) return
    this.#wantsDrain = false
    process.nextTick(this.#drained)
  }

  #written(size: number): boolean {
    this.#pending += size
    if (this.#pending >= FLUSH_AT) this.flush()
    else if (!this.#held && !this.#scheduled) this.#schedule()
    if (!this.isCongested) return true
    this.#wantsDrain = true
    return false
  }

  #schedule(): void {
    this.#scheduled = true
    process.nextTick(() => {
      this.#scheduled = false
      if (this.#pending > 0 && !this.#held) this.flush()
    })
  }

  // A place in the block for so many bytes that follow what this connection put there last.
  #reserve(size: number): number {
    if (block.length - blockUsed < size) {
      this.#closeRange()
      block = Buffer.allocUnsafeSlow(BLOCK_SIZE)
      blockUsed = 0
    }
    if (this.#range !== block || this.#rangeEnd !== blockUsed) {
      this.#closeRange()
      this.#range = block
      this.#rangeStart = blockUsed
    }
    const at = blockUsed
    blockUsed += size
    this.#rangeEnd = blockUsed
    return at
  }

  #closeRange(): void {
    if (this.#range === NO_RANGE) return
    this.#batch.push(this.#range.subarray(this.#rangeStart, this.#rangeEnd))
    // An idle connection must not hold a block.
    this.#range = NO_RANGE
  }

  #add(buffer: Buffer): void {
    this.#closeRange()
    this.#batch.push(buffer)
  }

  // Writes the header before a payload that is in place, and masks that.
  #finish(target: Buffer, at: number, first: number, length: number): void {
    const payloadAt = writeHeader(target, at, first, length)
    if (!this.#masked) return
    target[at + 1] = (target[at + 1] as number) | 0x80
    if (keysUsed === keys.length) {
      randomFillSync(keys)
      keysUsed = 0
    }
    for (let i = 0; i < 4; i++) target[payloadAt + i] = keys[keysUsed++] as number
    maskInPlace(target, payloadAt + 4, length, target, payloadAt, 0)
  }
}

function headerSize(length: number, masked: boolean): number {
  const size = length < 126 ? 2 : length < 65536 ? 4 : 10
  return masked ? size + 4 : size
}

// Returns where the key or the payload goes.
function writeHeader(target: Buffer, at: number, first: number, length: number): number {
  target[at] = first
  if (length < 126) {
    target[at + 1] = length
    return at + 2
  }
  if (length < 65536) {
    target[at + 1] = 126
    target[at + 2] = length >> 8
    target[at + 3] = length & 0xff
    return at + 4
  }
  target[at + 1] = 127
  target.writeUInt32BE(Math.floor(length / 0x100000000), at + 2)
  target.writeUInt32BE(length % 0x100000000, at + 6)
  return at + 10
}
