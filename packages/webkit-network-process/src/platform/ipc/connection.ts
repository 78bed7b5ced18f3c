// One end of a stream between two processes: frames out, batched into one write per turn; frames in, each checked against its
// declaration before anyone sees it. Used by all three kinds of process. Upstream: WebKit/Platform/IPC/Connection.cpp.
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { ipcInvalidMessageChannel, ipcMessageChannel, now } from '../../diagnostics.ts'
import { BodyBufferCollector } from './body-buffer-collector.ts'
import { FrameFlag, writeFrameHeader, FRAME_HEADER_BYTES, type FrameHeader } from './frame.ts'
import { FrameReader, type FrameDisposition } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import { IPCError } from './ipc-error.ts'
import { ReceiverTable, type Destinations } from './receiver-table.ts'
import { ReplyTable } from './reply-table.ts'
import { decodePayload, encodeFrame } from './payload-codec.ts'
import type { ArgumentSchemas, ArgumentsOf, Message, MessageHandlers, MessageReceiver } from './message-receiver.ts'

export interface ConnectionOptions {
  /** How diagnostics name this connection. */
  readonly name?: string
  /**
   * Bytes that may wait for the peer to read before the connection is closed. Default 64 MiB; Infinity where the peer is trusted and
   * the bytes are this process's own doing.
   */
  readonly maximumUnsentBytes?: number
  /** The load a destination belongs to, for diagnostics; by default none does. */
  readonly requestId?: (destination: number) => string | null
}

export interface ConnectionEvents {
  /** Once, last, whoever closed. No handler is called afterwards. */
  close: [reason: IPCError]
  /** What was unsent has left, after `isCongested` was true. */
  drain: []
}

/** Unsent bytes from which senders of bulk data hold back. */
const CONGESTED_BYTES = 4 * 1024 * 1024
const MAXIMUM_UNSENT_BYTES = 64 * 1024 * 1024

/**
 * Owns `stream` from construction on. Add receivers, then {@link open}. Whatever arrives that was not declared for this direction,
 * does not have the declared shape or is too large goes to {@link didReceiveInvalidMessage} and closes this connection alone.
 */
export class Connection extends EventEmitter<ConnectionEvents> {
  readonly name: string
  readonly #stream: Duplex
  readonly #options: ConnectionOptions
  readonly #receivers = new ReceiverTable()
  readonly #replies = new ReplyTable()
  readonly #bodyBuffers = new BodyBufferCollector()
  readonly #writer: FrameWriter
  readonly #reader: FrameReader
  #state: 'new' | 'open' | 'closed' = 'new'

  constructor(stream: Duplex, options: ConnectionOptions = {}) {
    super()
    this.name = options.name ?? 'connection'
    this.#stream = stream
    this.#options = options
    const maximumUnsentBytes = options.maximumUnsentBytes ?? MAXIMUM_UNSENT_BYTES
    this.#writer = new FrameWriter(stream, CONGESTED_BYTES, {
      didDrain: () => this.emit('drain'),
      didQueue: (unsentBytes) => {
        if (unsentBytes <= maximumUnsentBytes) return
        this.#close(
          new IPCError(
            'PEER_STOPPED_READING',
            `${this.name} has ${unsentBytes} bytes waiting for a peer that does not read.`,
          ),
        )
      },
    })
    this.#reader = new FrameReader({
      didReadHeader: (header) => this.#didReadHeader(header),
      didReadPayload: (header, payload) => this.#didReadPayload(header, payload),
      didReadSlice: (header, slice, isLast) => this.#didReadSlice(header, slice, isLast),
    })
    stream.on('error', (cause) =>
      this.#close(new IPCError('STREAM_FAILED', `${this.name} failed: ${cause.message}`, { cause })),
    )
    stream.on('close', () => this.#didEnd())
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** Bytes handed over for sending that the operating system has not taken yet. */
  get unsentBytes(): number {
    return this.#writer.unsentBytes
  }

  /** Whether senders of bulk data should wait for `drain`. */
  get isCongested(): boolean {
    return this.#writer.isCongested
  }

  /**
   * Says who gets the messages of `receiver`: one set of handlers, or a function that finds the set for a frame's destination and
   * answers `gone` for one that was there once and `unknown` for one that never was.
   */
  addReceiver<Receiver extends MessageReceiver>(
    receiver: Receiver,
    handlers: MessageHandlers<Receiver> | Destinations<MessageHandlers<Receiver>>,
  ): void {
    this.#receivers.add(receiver, handlers)
  }

  /** Starts reading. The second call does nothing. */
  open(): void {
    if (this.#state !== 'new') return
    this.#state = 'open'
    this.#stream.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#stream.on('end', () => this.#didEnd())
    this.#stream.resume()
  }

  /** Sends a message that nobody answers. Does nothing once closed. Throws `MESSAGE_TOO_LARGE` before anything is sent. */
  send<Arguments extends ArgumentSchemas>(
    message: Message<Arguments>,
    values: ArgumentsOf<Arguments>,
    destination = 0,
  ): void {
    this.#sendEncoded(message, message.argumentCodec.toWire(values), 0, destination, 0)
  }

  /** Sends bytes as they are; `bytes` must not change afterwards and must fit the message's limit. Does nothing once closed. */
  sendRaw(message: Message, bytes: Uint8Array, destination = 0): void {
    if (this.#state === 'closed') return
    const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES)
    writeFrameHeader(header, bytes.length, message.id, 0, destination, 0)
    this.#trace('sent', message.name, false, destination, bytes.length)
    this.#writer.writeWithBody(header, bytes)
    this.#bodyBuffers.didPass(bytes.length)
  }

  /**
   * Sends a message and resolves with its answer. Rejects with the reason the connection closed for, or with `signal`'s reason; an
   * answer that comes after that is dropped.
   */
  sendWithReply<Arguments extends ArgumentSchemas, Reply extends ArgumentSchemas>(
    message: Message<Arguments, Reply>,
    values: ArgumentsOf<Arguments>,
    options: { readonly destination?: number; readonly signal?: AbortSignal } = {},
  ): Promise<ArgumentsOf<Reply>> {
    if (this.#state === 'closed') {
      return Promise.reject(new IPCError('CONNECTION_CLOSED', `${this.name} is closed.`))
    }
    const { id, answer } = this.#replies.add(message, options.signal)
    this.#sendEncoded(
      message,
      message.argumentCodec.toWire(values),
      FrameFlag.WANTS_REPLY,
      options.destination ?? 0,
      id,
    )
    return answer as Promise<ArgumentsOf<Reply>>
  }

  /** The peer did what it may not: closes this connection and says why. Receivers call it for what no schema can tell. */
  didReceiveInvalidMessage(reason: string): void {
    if (this.#state === 'closed') return
    if (ipcInvalidMessageChannel.hasSubscribers) {
      ipcInvalidMessageChannel.publish({ time: now(), connection: this.name, reason })
    }
    this.#close(new IPCError('INVALID_MESSAGE', `${this.name} received an invalid message: ${reason}`))
  }

  /** Hands what is queued to the operating system, as far as it takes it at once, and closes. */
  close(): void {
    this.#writer.flush()
    this.#close(new IPCError('CONNECTION_CLOSED', `${this.name} was closed by this process.`))
  }

  #didEnd(): void {
    const sentence = this.#reader.isAtBoundary
      ? `${this.name} was closed by the other process.`
      : `${this.name} was closed by the other process in the middle of a message.`
    this.#close(new IPCError('CONNECTION_CLOSED', sentence))
  }

  #close(reason: IPCError): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#reader.stop()
    this.#writer.stop()
    this.#stream.destroy()
    this.#replies.rejectAll(reason)
    this.emit('close', reason)
  }

  #sendEncoded(message: Message, wire: readonly unknown[], flags: number, destination: number, reply: number): void {
    if (this.#state === 'closed') return
    const frame = encodeFrame(wire)
    const length = frame.length - FRAME_HEADER_BYTES
    if (length > message.maximumPayloadBytes) {
      const most = message.maximumPayloadBytes
      throw new IPCError('MESSAGE_TOO_LARGE', `${message.name} would be ${length} bytes, the most is ${most}.`)
    }
    writeFrameHeader(frame, length, message.id, flags, destination, reply)
    this.#trace('sent', message.name, flags === FrameFlag.IS_REPLY, destination, length)
    this.#writer.write(frame)
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.read(chunk)
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      this.#close(new IPCError('HANDLER_FAILED', `${this.name} could not handle a message: ${message}`, { cause }))
    }
  }

  #didReadHeader(header: Readonly<FrameHeader>): FrameDisposition {
    const fault =
      header.flags === FrameFlag.IS_REPLY ? this.#replies.headerFault(header) : this.#receivers.headerFault(header)
    if (fault) {
      this.didReceiveInvalidMessage(fault)
      return 'refused'
    }
    return header.flags !== FrameFlag.IS_REPLY && this.#receivers.isRaw(header.message) ? 'sliced' : 'whole'
  }

  #didReadSlice(header: Readonly<FrameHeader>, slice: Buffer, isLast: boolean): void {
    const { message } = this.#receivers.entry(header.message)
    if (isLast) this.#trace('received', message.name, false, header.destination, header.length)
    const handler = this.#handlerFor(header)
    if (handler) handler(slice, isLast)
    this.#bodyBuffers.didPass(slice.length)
  }

  #didReadPayload(header: Readonly<FrameHeader>, payload: Buffer): void {
    const decoded = decodePayload(payload)
    if (header.flags === FrameFlag.IS_REPLY) {
      const question = this.#replies.message(header)
      if (question) this.#trace('received', question.name, true, header.destination, payload.length)
      const fault = this.#replies.take(header, decoded)
      if (fault) this.didReceiveInvalidMessage(fault)
      return
    }
    const { message } = this.#receivers.entry(header.message)
    if ('fault' in decoded) {
      this.didReceiveInvalidMessage(`${message.name}: ${decoded.fault}.`)
      return
    }
    const values = message.argumentCodec.fromWire(decoded.value)
    if (!values) {
      this.didReceiveInvalidMessage(`${message.name}: ${message.argumentCodec.explain(decoded.value)}.`)
      return
    }
    this.#trace('received', message.name, false, header.destination, payload.length)
    const handler = this.#handlerFor(header)
    if (!handler) return
    if (message.replyCodec) this.#answer(message, header.destination, header.reply, () => handler(values))
    else handler(values)
  }

  /** Null when the destination is gone, or was never there, which closes the connection. */
  #handlerFor(header: Readonly<FrameHeader>): ((...values: unknown[]) => unknown) | null {
    const handler = this.#receivers.handler(header.message, header.destination)
    if (handler === 'unknown') {
      const { message } = this.#receivers.entry(header.message)
      this.didReceiveInvalidMessage(`${message.name} names ${header.destination}, which was never given out.`)
      return null
    }
    return handler
  }

  #answer(message: Message, destination: number, reply: number, handle: () => unknown): void {
    const send = (values: unknown): void => {
      const wire = message.replyCodec?.toWire(values as Record<string, unknown>) ?? []
      this.#sendEncoded(message, wire, FrameFlag.IS_REPLY, destination, reply)
    }
    const result = handle()
    if (!(result instanceof Promise)) {
      send(result)
      return
    }
    result.then(send, (cause: unknown) => {
      const text = cause instanceof Error ? cause.message : String(cause)
      this.#close(new IPCError('HANDLER_FAILED', `${this.name} could not answer ${message.name}: ${text}`, { cause }))
    })
  }

  #trace(
    direction: 'sent' | 'received',
    message: string,
    isReply: boolean,
    destination: number,
    payloadBytes: number,
  ): void {
    if (!ipcMessageChannel.hasSubscribers) return
    const requestId = destination === 0 ? null : (this.#options.requestId?.(destination) ?? null)
    ipcMessageChannel.publish({
      ...{ time: now(), connection: this.name, direction, message },
      ...{ isReply, destination, payloadBytes, requestId },
    })
  }
}
