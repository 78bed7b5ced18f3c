// Takes a byte stream apart into messages and control frames, whatever the cuts, and refuses what RFC 6455 forbids as
// soon as it shows. Fed by WebsocketConnection. Upstream: libsoup/websocket/soup-websocket-connection.c (process_frame).

import { isUtf8 } from 'node:buffer'
import { maskInPlace } from './frame-mask.ts'
import { MAX_CONTROL_PAYLOAD, Opcode, WebsocketCloseCode, WebsocketDataType } from './websocket-constants.ts'
import { MessageAssembly } from './message-assembly.ts'

/** Hears what a parser found. It may call `stop`, `resume` and `discard` of the parser at any time. */
export interface FrameParserSink {
  /** A whole message; `reserved` are the reserved bits of its first frame. Text without such bits is valid UTF-8. */
  messageParsed(type: WebsocketDataType, payload: Buffer, reserved: number): void
  controlParsed(opcode: number, payload: Buffer): void
  /** The peer broke a rule or a limit. Nothing else is reported after this. */
  parsingFailed(closeCode: number, reason: string): void
}

export interface FrameParserOptions {
  /** Whether the peer is a client, whose frames are masked, or a server, whose frames are not. */
  readonly masked: boolean
  /** Reserved bits that extensions gave a meaning, in the places they have in a frame's first byte. */
  readonly reserved: number
}

const RESERVED_BITS = 0x70
// What is not limited is limited all the same, by what one buffer can well hold.
const MOST = 2 ** 31 - 1

/** One direction of one connection. Payloads it reports share memory with the chunks, which it unmasks in place. */
export class FrameParser {
  /** Longest payload of one frame, in bytes; 0 for no limit. */
  maxPayloadSize = 0
  /** Longest message, in bytes; 0 for no limit. A message that extensions will change may be an eighth longer. */
  maxMessageSize = 0
  readonly #sink: FrameParserSink
  readonly #masked: boolean
  readonly #reserved: number
  readonly #assembly = new MessageAssembly()
  #chunk: Buffer = EMPTY
  #at = 0
  #running = false
  #stopped = false
  #done = false
  // The frame whose payload has not come whole.
  #inPayload = false
  #first = 0
  #length = 0
  #got = 0
  readonly #key = new Uint8Array(4)
  #control: Buffer = EMPTY

  constructor(sink: FrameParserSink, options: FrameParserOptions) {
    this.#sink = sink
    this.#masked = options.masked
    this.#reserved = options.reserved
  }

  push(chunk: Buffer): void {
    if (this.#done) return
    const left = this.#chunk.length - this.#at
    this.#chunk = left === 0 ? chunk : Buffer.concat([this.#chunk.subarray(this.#at), chunk])
    this.#at = 0
    this.#run()
  }

  /** Reports nothing more until `resume`; bytes that were pushed are kept. */
  stop(): void {
    this.#stopped = true
  }

  resume(): void {
    this.#stopped = false
    this.#run()
  }

  /** Ignores all that is left and all that will be pushed. */
  discard(): void {
    this.#done = true
    this.#chunk = EMPTY
    this.#at = 0
    this.#control = EMPTY
    this.#assembly.clear()
  }

  #run(): void {
    if (this.#running) return
    this.#running = true
    try {
      while (!this.#stopped && !this.#done && (this.#inPayload ? this.#continuePayload() : this.#startFrame()));
    } finally {
      this.#running = false
      this.#keepRest()
    }
  }

  // What is left is the start of a header, unless the parser was stopped: a few bytes, that must not hold a big chunk.
  #keepRest(): void {
    const left = this.#chunk.length - this.#at
    if (left === 0) this.#chunk = EMPTY
    else if (!this.#stopped && this.#chunk.length > 1024) this.#chunk = Buffer.from(this.#chunk.subarray(this.#at))
    else return
    this.#at = 0
  }

  // False when the header is not whole yet, or wrong.
  #startFrame(): boolean {
    const chunk = this.#chunk
    const at = this.#at
    if (chunk.length - at < 2) return false
    const first = chunk[at] as number
    const second = chunk[at + 1] as number
    if (!this.#checkFirstBytes(first, second)) return false

    let length = second & 0x7f
    let payloadAt = at + 2
    if (length >= 126) {
      payloadAt += length === 126 ? 2 : 8
      if (chunk.length < payloadAt) return false
      length = length === 126 ? chunk.readUInt16BE(at + 2) : readLength64(chunk, at + 2)
      if (!this.#checkLongLength(length, second & 0x7f)) return false
    }
    const keyAt = payloadAt
    if (this.#masked) payloadAt += 4
    if (chunk.length < payloadAt || !this.#checkLimits(first, length)) return false

    if (chunk.length - payloadAt < length) return this.#startPayload(first, length, keyAt, payloadAt)
    this.#at = payloadAt + length
    if (this.#masked) maskInPlace(chunk, payloadAt, length, chunk, keyAt, 0)
    return this.#wholeFrame(first, chunk.subarray(payloadAt, payloadAt + length))
  }

  // RFC 6455 sections 5.1, 5.2, 5.4 and 5.5.
  #checkFirstBytes(first: number, second: number): boolean {
    const opcode = first & 0x0f
    const fin = first >= 0x80
    const reserved = first & RESERVED_BITS
    if (second >= 0x80 !== this.#masked) {
      return this.#fail(this.#masked ? 'A client must mask its frames.' : 'A server must not mask its frames.')
    }
    if (opcode >= Opcode.CLOSE) {
      if (opcode > Opcode.PONG) return this.#fail(`The opcode ${opcode} is reserved.`)
      if (!fin) return this.#fail('A control frame must not be fragmented.')
      if ((second & 0x7f) > MAX_CONTROL_PAYLOAD)
        return this.#fail('A control frame has more than 125 bytes of payload.')
      return reserved === 0 || this.#fail('A control frame has a reserved bit set.')
    }
    if (opcode > WebsocketDataType.BINARY) return this.#fail(`The opcode ${opcode} is reserved.`)
    if (opcode === Opcode.CONTINUATION) {
      if (!this.#assembly.isOpen) return this.#fail('There is no message to continue.')
      return reserved === 0 || this.#fail('A continuation frame has a reserved bit set.')
    }
    if (this.#assembly.isOpen) return this.#fail('A message began before the last one had ended.')
    return (reserved & ~this.#reserved) === 0 || this.#fail('A frame has a reserved bit set that nobody agreed on.')
  }

  #checkLongLength(length: number, form: number): boolean {
    if (length < 0) return this.#fail('The length of a frame has its highest bit set.')
    if (length > (form === 126 ? 125 : 0xffff)) return true
    return this.#fail('The length of a frame is not in its shortest form.')
  }

  #checkLimits(first: number, length: number): boolean {
    if ((first & 0x0f) >= Opcode.CLOSE) return true
    if (this.maxPayloadSize > 0 && length > this.maxPayloadSize) {
      return this.#fail('A frame is longer than max-incoming-payload-size.', WebsocketCloseCode.TOO_BIG)
    }
    const { isOpen, size, reserved } = this.#assembly
    const limit = this.#limit(isOpen ? reserved : first & RESERVED_BITS)
    if ((isOpen ? size : 0) + length > limit) {
      return this.#fail('A message is longer than max-total-message-size.', WebsocketCloseCode.TOO_BIG)
    }
    return true
  }

  // What cannot be compressed grows a little.
  #limit(reserved: number): number {
    const limit = this.maxMessageSize
    if (limit === 0) return MOST
    return reserved === 0 ? limit : limit + limit / 8 + 1024
  }

  #wholeFrame(first: number, payload: Buffer): boolean {
    const opcode = first & 0x0f
    if (opcode >= Opcode.CLOSE) {
      this.#sink.controlParsed(opcode, payload)
      return true
    }
    if (first < 0x80 || opcode === Opcode.CONTINUATION) {
      if (opcode !== Opcode.CONTINUATION) this.#assembly.open(opcode, first & RESERVED_BITS)
      if (!this.#assembly.append(payload, payload.length)) return this.#badText()
      return first < 0x80 || this.#endMessage()
    }
    const reserved = first & RESERVED_BITS
    if (opcode === WebsocketDataType.TEXT && reserved === 0 && !isUtf8(payload)) return this.#badText()
    this.#sink.messageParsed(opcode as WebsocketDataType, payload, reserved)
    return true
  }

  #startPayload(first: number, length: number, keyAt: number, payloadAt: number): boolean {
    const opcode = first & 0x0f
    this.#inPayload = true
    this.#first = first
    this.#length = length
    this.#got = 0
    if (this.#masked) for (let i = 0; i < 4; i++) this.#key[i] = this.#chunk[keyAt + i] as number
    if (opcode >= Opcode.CLOSE) this.#control = Buffer.alloc(length)
    else if (opcode !== Opcode.CONTINUATION) this.#assembly.open(opcode, first & RESERVED_BITS)
    this.#at = payloadAt
    return true
  }

  #continuePayload(): boolean {
    const available = this.#chunk.length - this.#at
    if (available === 0) return false
    const take = Math.min(available, this.#length - this.#got)
    const start = this.#at
    this.#at += take
    if (this.#masked) maskInPlace(this.#chunk, start, take, this.#key, 0, this.#got)
    const piece = this.#chunk.subarray(start, start + take)
    const isControl = (this.#first & 0x0f) >= Opcode.CLOSE
    if (isControl) this.#control.set(piece, this.#got)
    else if (!this.#assembly.append(piece, this.#length - this.#got)) return this.#badText()
    this.#got += take
    if (this.#got < this.#length) return true

    this.#inPayload = false
    if (!isControl) return this.#first < 0x80 || this.#endMessage()
    const payload = this.#control
    this.#control = EMPTY
    this.#sink.controlParsed(this.#first & 0x0f, payload)
    return true
  }

  #endMessage(): boolean {
    const { type, reserved } = this.#assembly
    const payload = this.#assembly.take()
    if (payload === null) return this.#badText()
    this.#sink.messageParsed(type as WebsocketDataType, payload, reserved)
    return true
  }

  #badText(): false {
    return this.#fail('A text message is not UTF-8.', WebsocketCloseCode.BAD_DATA)
  }

  #fail(reason: string, closeCode: number = WebsocketCloseCode.PROTOCOL_ERROR): false {
    this.discard()
    this.#sink.parsingFailed(closeCode, reason)
    return false
  }
}

const EMPTY = Buffer.alloc(0)

// Lengths that no double can hold come out as Infinity, which is above every limit; -1 when the highest bit is set.
function readLength64(chunk: Buffer, at: number): number {
  const high = chunk.readUInt32BE(at)
  if (high >= 0x80000000) return -1
  return high > 0x1fffff ? Infinity : high * 0x100000000 + chunk.readUInt32BE(at + 4)
}
