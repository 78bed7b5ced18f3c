// One WebSocket, at either end, once the handshake is done. Made by websocketConnect and by Server's WebSocket handlers.
// Upstream: libsoup/websocket/soup-websocket-connection.c. RFC 6455 sections 5 to 8.

import { isUtf8 } from 'node:buffer'
import { EventEmitter, on } from 'node:events'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { IOError, Uri } from '@wpe-networking/glib-gio'
import type { UriLike } from '@wpe-networking/glib-gio'
import { closePayload, readClosePayload } from './close-payload.ts'
import { ExtensionChain } from './extension-chain.ts'
import { FrameParser } from './frame-parser.ts'
import { FrameWriter } from './frame-writer.ts'
import { Keepalive } from './keepalive.ts'
import { MessageWriter } from './message-writer.ts'
import {
  isCloseCodeAllowed,
  Opcode,
  WebsocketCloseCode,
  WebsocketConnectionType,
  WebsocketDataType,
  WebsocketState,
} from './websocket-constants.ts'
import { WebsocketError } from './websocket-error.ts'
import type { WebsocketExtension } from './websocket-extension.ts'

/** Signals of a connection. After 'closed' nothing comes. */
export interface WebsocketConnectionEvents {
  /** A message came whole. Text is valid UTF-8. The bytes are the listener's. */
  message: [type: WebsocketDataType, data: Buffer]
  /** A Pong came, asked for or not, with at most 125 bytes. */
  pong: [data: Buffer]
  /** What made a `send` method return false has left; more may be sent. */
  drain: []
  /** One side began to close in an orderly way. At most once. */
  closing: []
  /** The stream is closed. Once. */
  closed: []
  /** The connection failed: `WebsocketError`, or `IOError` from the stream; 'closed' follows. Needs no listener. */
  error: [error: Error]
}

/** Longest frame taken, in bytes, unless told otherwise. */
const DEFAULT_MAX_INCOMING_PAYLOAD_SIZE = 128 * 1024
/** Longest message taken, in bytes, unless told otherwise. */
const DEFAULT_MAX_TOTAL_MESSAGE_SIZE = 16 * 1024 * 1024
/** How long the peer has to answer a Close frame, and then to close the stream. */
const CLOSE_TIMEOUT_MS = 5000

/**
 * Sends and receives messages. Listeners for 'message' must be there in the turn in which the connection was given out;
 * reading starts right after it.
 */
export class WebsocketConnection extends EventEmitter<WebsocketConnectionEvents> {
  readonly ioStream: Duplex
  readonly connectionType: WebsocketConnectionType
  readonly uri: Uri
  /** The client's `Origin`, or null. */
  readonly origin: string | null
  /** The sub-protocol agreed on, or null. */
  readonly protocol: string | null
  readonly extensions: readonly WebsocketExtension[]
  readonly #parser: FrameParser
  readonly #frames: FrameWriter
  readonly #chain: ExtensionChain
  readonly #writer: MessageWriter
  readonly #keepalive: Keepalive
  #paused = false
  #closeSent = false
  #closeReceived = false
  #closed = false
  #closeCode = 0
  #closeData: string | null = null
  #closeTimer: NodeJS.Timeout | null = null
  #latePong: Buffer | null = null

  /**
   * Takes over `stream`, on which nothing but frames comes from now on.
   *
   * @param uri Where a client connected to, or what a server was asked for.
   * @param extensions What was agreed on in the handshake, configured, in order.
   * @throws {TypeError} When the type is neither CLIENT nor SERVER.
   */
  constructor(
    stream: Duplex,
    uri: UriLike,
    connectionType: WebsocketConnectionType,
    origin: string | null = null,
    protocol: string | null = null,
    extensions: readonly WebsocketExtension[] = [],
  ) {
    super()
    if (connectionType === WebsocketConnectionType.UNKNOWN) throw new TypeError('A connection is a client or a server.')
    const isServer = connectionType === WebsocketConnectionType.SERVER
    this.ioStream = stream
    this.uri = uri instanceof Uri ? uri : Uri.parse(uri.toString())
    this.connectionType = connectionType
    this.origin = origin
    this.protocol = protocol
    this.extensions = extensions
    this.#chain = new ExtensionChain(extensions)
    this.#parser = new FrameParser(
      {
        messageParsed: (type, payload, bits) => this.#receiveMessage(type, payload, bits),
        controlParsed: (opcode, payload) => this.#receiveControl(opcode, payload),
        parsingFailed: (closeCode, reason) => this.#failWith(closeCode, reason),
      },
      { masked: isServer, reserved: this.#chain.reservedBits },
    )
    this.#parser.maxPayloadSize = DEFAULT_MAX_INCOMING_PAYLOAD_SIZE
    this.#parser.maxMessageSize = DEFAULT_MAX_TOTAL_MESSAGE_SIZE
    this.#frames = new FrameWriter(stream, !isServer, () => this.#drained())
    this.#writer = new MessageWriter(this.#frames, this.#chain)
    this.#keepalive = new Keepalive({
      sendPing: (payload) => void this.#sendControl(Opcode.PING, payload),
      pongMissing: () => this.#pongMissing(),
    })
    this.#listen(stream)
  }

  get state(): WebsocketState {
    if (this.#closed) return WebsocketState.CLOSED
    return this.#closeSent || this.#closeReceived ? WebsocketState.CLOSING : WebsocketState.OPEN
  }

  /** Code of the peer's Close frame: `NO_STATUS` when it had none, 0 as long as there was no such frame. */
  get closeCode(): number {
    return this.#closeCode
  }

  /** Reason in the peer's Close frame, or null. */
  get closeData(): string | null {
    return this.#closeData
  }

  /** Longest frame taken, in bytes; 0 for no limit. Default 128 KiB. */
  get maxIncomingPayloadSize(): number {
    return this.#parser.maxPayloadSize
  }

  set maxIncomingPayloadSize(bytes: number) {
    this.#parser.maxPayloadSize = checkSize(bytes)
  }

  /** Longest message taken, in bytes, once decompressed; 0 for no limit. Default 16 MiB; upstream has none. */
  get maxTotalMessageSize(): number {
    return this.#parser.maxMessageSize
  }

  set maxTotalMessageSize(bytes: number) {
    this.#parser.maxMessageSize = checkSize(bytes)
  }

  /** Longest frame to send, in bytes: longer messages are cut up. Default 0, which sends each message as one frame. */
  get maxOutgoingPayloadSize(): number {
    return this.#writer.maxPayloadSize
  }

  set maxOutgoingPayloadSize(bytes: number) {
    this.#writer.maxPayloadSize = checkSize(bytes)
  }

  /** Seconds between pings that keep the connection alive; 0, the default, sends none. */
  get keepaliveInterval(): number {
    return this.#keepalive.interval
  }

  set keepaliveInterval(seconds: number) {
    checkSize(seconds)
    if (this.state === WebsocketState.OPEN) this.#keepalive.interval = seconds
  }

  /** Seconds a pong to such a ping may take before the connection is closed with `POLICY_VIOLATION`; 0 waits for ever. */
  get keepalivePongTimeout(): number {
    return this.#keepalive.pongTimeout
  }

  set keepalivePongTimeout(seconds: number) {
    this.#keepalive.pongTimeout = checkSize(seconds)
  }

  /** Bytes sent that have not left this process, because the peer does not read. */
  get bufferedAmount(): number {
    return this.#frames.bufferedAmount
  }

  /**
   * Sends a text. What is no Unicode (a lone surrogate) goes as U+FFFD.
   *
   * @returns Whether more should be sent now: after a false wait for 'drain', or memory fills with what the peer does
   *   not read. False also when the connection is not open any more, and nothing was sent.
   */
  sendText(text: string): boolean {
    if (this.state !== WebsocketState.OPEN) return false
    return this.#writer.writeText(text)
  }

  /** Sends bytes; they must not change until they have left. Returns what `sendText` returns. */
  sendBinary(data: Uint8Array): boolean {
    if (this.state !== WebsocketState.OPEN) return false
    return this.#writer.writeMessage(WebsocketDataType.BINARY, data)
  }

  /**
   * Sends bytes as a message of that type. Returns what `sendText` returns.
   *
   * @throws {TypeError} When it is text and not UTF-8.
   */
  sendMessage(type: WebsocketDataType, data: Uint8Array): boolean {
    if (type === WebsocketDataType.TEXT && !isUtf8(data)) throw new TypeError('The bytes of a text are not UTF-8.')
    if (this.state !== WebsocketState.OPEN) return false
    return this.#writer.writeMessage(type, data)
  }

  /** Stops 'message' until `resume`: the peer will find that its messages are not taken. Pings are not answered either. */
  pause(): void {
    this.#paused = true
    this.#parser.stop()
    this.ioStream.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    process.nextTick(() => this.#continue())
  }

  /** The messages one by one, read no faster than they are taken; ends when the connection is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<WebsocketConnectionEvents['message']> {
    const options = { close: ['closed'], highWaterMark: 16, lowWaterMark: 1 }
    return on(this, 'message', options) as AsyncIterableIterator<WebsocketConnectionEvents['message']>
  }

  /**
   * Begins to close in an orderly way; 'closed' comes when that is done, after 10 seconds at the latest. Does nothing
   * when a Close frame was sent already.
   *
   * @param code What to tell the peer; `NO_STATUS` sends a frame without code and reason.
   * @param data A reason; cut to 123 bytes.
   * @throws {RangeError} When the code may not be sent, or not by this side.
   */
  close(code: number = WebsocketCloseCode.NORMAL, data: string | null = null): void {
    const other = this.connectionType === WebsocketConnectionType.SERVER ? 'NO_EXTENSION' : 'SERVER_ERROR'
    const isAllowed = code === WebsocketCloseCode.NO_STATUS || isCloseCodeAllowed(code)
    if (!isAllowed || code === WebsocketCloseCode[other]) throw new RangeError(`${code} is no close code to send.`)
    if (this.#closeSent || this.#closed) return
    this.#sendClose(code, data)
    this.#startCloseTimer()
    this.emit('closing')
  }

  #listen(stream: Duplex): void {
    if (stream instanceof Socket) stream.setNoDelay(true)
    stream.on('drain', () => this.#frames.streamDrained())
    stream.on('end', () => this.#ended())
    stream.on('error', (error) => this.#report(IOError.fromNode(error)))
    stream.on('close', () => this.#streamClosed())
    stream.pause()
    setImmediate(() => {
      stream.on('data', (chunk: Buffer) => this.#receive(chunk))
      if (stream.destroyed) this.#streamClosed()
      else if (!this.#paused) stream.resume()
    })
  }

  #receive(chunk: Buffer): void {
    this.#frames.hold()
    try {
      this.#parser.push(chunk)
    } finally {
      this.#frames.release()
    }
  }

  #continue(): void {
    if (this.#paused || this.#closed) return
    this.#frames.hold()
    try {
      this.#parser.resume()
    } finally {
      this.#frames.release()
    }
    // A listener may have paused again.
    if (!this.#paused) this.ioStream.resume()
  }

  #receiveMessage(type: WebsocketDataType, payload: Buffer, reserved: number): void {
    const message = this.#chain.isEmpty ? payload : this.#processIncoming(type, payload, reserved)
    if (message !== null) this.emit('message', type, message)
  }

  #processIncoming(type: WebsocketDataType, payload: Buffer, reserved: number): Buffer | null {
    try {
      return this.#chain.incoming(type, payload, reserved, this.maxTotalMessageSize)
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
      return null
    }
  }

  #receiveControl(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.PING) {
      this.#answerPing(payload)
    } else if (opcode === Opcode.PONG) {
      this.#keepalive.pongCame(payload)
      this.emit('pong', payload)
    } else {
      this.#receiveClose(payload)
    }
  }

  // Only the last of many pings need be answered (RFC 6455 section 5.5.3): one who does not read gets no queue of pongs.
  #answerPing(payload: Buffer): void {
    if (this.#closeSent) return
    if (this.#frames.isCongested) this.#latePong = Buffer.from(payload)
    else this.#sendControl(Opcode.PONG, payload)
  }

  #receiveClose(payload: Buffer): void {
    // What comes behind a Close frame is ignored (RFC 6455 section 5.5.1).
    this.#parser.discard()
    const close = readClosePayload(payload)
    if (close === null) {
      this.#failWith(WebsocketCloseCode.PROTOCOL_ERROR, 'A Close frame is malformed.')
      return
    }
    this.#closeReceived = true
    this.#closeCode = close.code
    this.#closeData = close.reason
    const answers = !this.#closeSent
    if (answers)
      this.#sendClose(
        close.code === WebsocketCloseCode.NO_STATUS ? WebsocketCloseCode.NORMAL : close.code,
        close.reason,
      )
    this.#endStream()
    if (answers) this.emit('closing')
  }

  #sendControl(opcode: number, payload: Uint8Array): void {
    if (!this.#closeSent && !this.#closed) this.#writer.writeControl(opcode, payload)
  }

  #sendClose(code: number, reason: string | null): void {
    this.#sendControl(Opcode.CLOSE, closePayload(code, reason))
    this.#closeSent = true
    this.#keepalive.stop()
  }

  #pongMissing(): void {
    const seconds = this.keepalivePongTimeout
    this.#failWith(WebsocketCloseCode.POLICY_VIOLATION, `The peer did not answer a ping within ${seconds} seconds.`)
  }

  #failWith(closeCode: number, reason: string): void {
    this.#fail(new WebsocketError('FAILED', reason, { closeCode }))
  }

  // RFC 6455 section 7.1.7.
  #fail(error: Error): void {
    if (this.#closed) return
    const given = error instanceof WebsocketError ? error.closeCode : 0
    const code = given === 0 ? WebsocketCloseCode.PROTOCOL_ERROR : given
    this.#parser.discard()
    if (!this.#closeSent) this.#sendClose(code, null)
    this.#endStream()
    this.#report(error)
  }

  // Nothing goes out any more; what still comes in is thrown away until the peer has closed too.
  #endStream(): void {
    this.#paused = false
    this.#frames.flush()
    this.ioStream.end()
    this.ioStream.resume()
    this.#startCloseTimer()
  }

  #startCloseTimer(): void {
    if (this.#closeTimer !== null) clearTimeout(this.#closeTimer)
    this.#closeTimer = setTimeout(() => this.ioStream.destroy(), CLOSE_TIMEOUT_MS)
  }

  #ended(): void {
    this.#parser.discard()
    this.#frames.flush()
    this.ioStream.end()
    this.#startCloseTimer()
  }

  #drained(): void {
    if (this.#latePong !== null) this.#sendControl(Opcode.PONG, this.#latePong)
    this.#latePong = null
    if (this.state === WebsocketState.OPEN) this.emit('drain')
  }

  #report(error: Error): void {
    if (!this.#closed && this.listenerCount('error') > 0) this.emit('error', error)
  }

  #streamClosed(): void {
    if (this.#closed) return
    this.#closed = true
    this.#keepalive.stop()
    this.#parser.discard()
    if (this.#closeTimer !== null) clearTimeout(this.#closeTimer)
    this.emit('closed')
  }
}

function checkSize(value: number): number {
  if (value >= 0) return value
  throw new RangeError(`${value} is negative.`)
}
