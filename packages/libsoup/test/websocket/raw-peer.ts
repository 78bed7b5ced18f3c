// The other end of a WebSocket, which sends any bytes it is told to and takes apart what comes with code of its own.
// Used by the tests of this folder; it follows no rule unless a test does.

import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface RawFrame {
  readonly fin: boolean
  readonly reserved: number
  readonly opcode: number
  readonly masked: boolean
  readonly payload: Buffer
}

export interface FrameOptions {
  /** Default true. */
  fin?: boolean
  /** The three reserved bits as a number, 0 to 7. */
  rsv?: number
  /** Default: what the side of the peer demands. */
  mask?: boolean
  /** Sends this length instead of the payload's. */
  length?: number
}

const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

/** The bytes of one frame. */
export function rawFrame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
  const data = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload)
  const { fin = true, rsv = 0, mask = false, length = data.length } = options
  const extended = length < 126 ? 0 : length < 65536 ? 2 : 8
  const header = Buffer.alloc(2 + extended)
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  header[1] = (mask ? 0x80 : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127)
  if (extended === 2) header.writeUInt16BE(length, 2)
  if (extended === 8) header.writeBigUInt64BE(BigInt(length), 2)
  if (!mask) return Buffer.concat([header, data])
  for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) ^ (KEY[i & 3] as number)
  return Buffer.concat([header, KEY, data])
}

/** A Close frame's payload. */
export function closeBytes(code: number, reason: string | Uint8Array = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
}

/** Reads and writes raw frames on `stream`. */
export class RawPeer {
  readonly stream: Duplex
  /** All that came, in order. */
  readonly frames: RawFrame[] = []
  /** Whether the other end has ended its side. */
  ended = false
  readonly #isClient: boolean
  readonly #waiting: (() => void)[] = []
  #bytes: Buffer = Buffer.alloc(0)

  /** @param isClient Whether this peer plays the client, and so masks. */
  constructor(stream: Duplex, isClient: boolean) {
    this.stream = stream
    this.#isClient = isClient
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('drain', () => this.#happened())
    stream.on('error', () => {})
    for (const event of ['end', 'close'] as const) {
      stream.on(event, () => {
        this.ended = true
        this.#happened()
      })
    }
  }

  frame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
    return rawFrame(opcode, payload, { mask: this.#isClient, ...options })
  }

  /** Sends frames as one chunk. */
  send(...frames: Buffer[]): void {
    if (this.stream.writable) this.stream.write(Buffer.concat(frames))
  }

  /** Sends `bytes` in chunks of `size`, each of which the other end sees as it is. */
  async sendChopped(bytes: Buffer, size: number): Promise<void> {
    for (let at = 0; at < bytes.length && this.stream.writable; at += size) {
      if (!this.stream.write(bytes.subarray(at, at + size))) await this.until(() => !this.stream.writableNeedDrain)
    }
    await nextTurn()
  }

  /** Waits until `isThere` holds, or the other end has ended. */
  async until(isThere: () => boolean): Promise<void> {
    while (!isThere() && !this.ended) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** The next frame after those `seen`; fails when the stream ends first. */
  async next(seen: number = this.frames.length): Promise<RawFrame> {
    await this.until(() => this.frames.length > seen)
    const frame = this.frames[seen]
    if (frame === undefined) throw new Error('The stream ended before a frame came.')
    return frame
  }

  /** Waits for the other end to end its side. */
  end(): Promise<void> {
    return this.until(() => false)
  }

  #happened(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    for (let size = this.#frameSize(); size > 0; size = this.#frameSize()) {
      this.frames.push(decode(this.#bytes.subarray(0, size)))
      this.#bytes = this.#bytes.subarray(size)
      this.#happened()
    }
  }

  #frameSize(): number {
    const bytes = this.#bytes
    if (bytes.length < 2) return 0
    const short = (bytes[1] as number) & 0x7f
    const extended = short < 126 ? 0 : short === 126 ? 2 : 8
    if (bytes.length < 2 + extended) return 0
    const length = extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    const size = 2 + extended + ((bytes[1] as number) >= 0x80 ? 4 : 0) + length
    return bytes.length < size ? 0 : size
  }
}

function decode(bytes: Buffer): RawFrame {
  const [first, second] = bytes as unknown as [number, number]
  const short = second & 0x7f
  const keyAt = 2 + (short < 126 ? 0 : short === 126 ? 2 : 8)
  const masked = second >= 0x80
  const payload = Buffer.from(bytes.subarray(masked ? keyAt + 4 : keyAt))
  if (masked)
    for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (bytes[keyAt + (i & 3)] as number)
  return { fin: first >= 0x80, reserved: (first >> 4) & 7, opcode: first & 0x0f, masked, payload }
}
