// Hears one message as a session would, and keeps what it heard; for tests of the wire code by itself.

import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import type { ClientMessageIOOwner, IOFailure, MessageIOObserver } from '../../src/connection/client-message-io.ts'
import type { MessageHeaders } from '../../src/headers/message-headers.ts'
import { ClientMessageIOHTTP1 } from '../../src/http1/client-message-io-http1.ts'
import { Message } from '../../src/message/message.ts'
import { requestTarget } from '../../src/uri/request-target.ts'

export class RecordingObserver implements MessageIOObserver {
  readonly message: Message
  readonly upgradeProtocol: string | null
  wireState: object | null = null
  readonly heard: string[] = []
  status = 0
  headers: MessageHeaders | null = null
  trailers: MessageHeaders | null = null
  stream: Duplex | null = null
  failure: IOFailure | null = null
  readonly #chunks: Buffer[] = []
  readonly #done = Promise.withResolvers<void>()

  constructor(message: Message, upgradeProtocol: string | null = null) {
    this.message = message
    this.upgradeProtocol = upgradeProtocol
  }

  /** The message came to an end: a body, an upgrade or a failure. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  get body(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  openRequestBody(): Buffer | Readable | null {
    return this.message.requestBody?.open() ?? null
  }

  requestStarted = (): void => void this.heard.push('requestStarted')
  wroteHeaders = (): void => void this.heard.push('wroteHeaders')
  wroteBodyData = (): void => void this.heard.push('wroteBodyData')
  wroteBody = (): void => void this.heard.push('wroteBody')
  responseStarted = (): void => void this.heard.push('responseStarted')

  gotInformational(statusCode: number): void {
    this.heard.push(`gotInformational ${statusCode}`)
  }

  gotHeaders(statusCode: number, _reasonPhrase: string, _version: number, headers: MessageHeaders): void {
    this.heard.push('gotHeaders')
    this.status = statusCode
    this.headers = headers
  }

  gotBodyData(chunk: Buffer): void {
    if (this.#chunks.push(chunk) === 1) this.heard.push('gotBodyData')
  }

  gotTrailers(headers: MessageHeaders): void {
    this.heard.push('gotTrailers')
    this.trailers = headers
  }

  gotBody(): void {
    this.heard.push('gotBody')
    this.#done.resolve()
  }

  upgraded(statusCode: number, _reasonPhrase: string, headers: MessageHeaders, stream: Duplex): void {
    this.heard.push('upgraded')
    this.status = statusCode
    this.headers = headers
    this.stream = stream
    this.#done.resolve()
  }

  ioFailed(failure: IOFailure): void {
    this.heard.push('ioFailed')
    this.failure = failure
    this.#done.resolve()
  }
}

export interface Wire {
  readonly io: ClientMessageIOHTTP1
  readonly socket: Socket
  /** What the wire code told its connection. */
  readonly told: readonly string[]
  /** Sends a message and waits for its end. */
  send(method: string, uri: string, upgradeProtocol?: string | null): Promise<RecordingObserver>
}

/** HTTP/1 over a connection to a loopback port. */
export async function connectWire(port: number, options: { timeoutMs?: number } = {}): Promise<Wire> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const told: string[] = []
  const owner: ClientMessageIOOwner = {
    ioReady: () => void told.push('ioReady'),
    ioLimitRaised: () => void told.push('ioLimitRaised'),
    ioClosed: () => void told.push('ioClosed'),
  }
  const target = requestTarget(`http://127.0.0.1:${port}/`)
  const { timeoutMs = 0 } = options
  const io = new ClientMessageIOHTTP1({ stream: socket, target, owner, timeoutMs, idleTimeoutMs: 0, proxy: null })
  const send = async (method: string, uri: string, protocol: string | null = null): Promise<RecordingObserver> => {
    const observer = new RecordingObserver(new Message(method, uri), protocol)
    io.send(observer)
    await observer.done
    await new Promise((resolve) => setImmediate(resolve)) // the connection is told after its observer
    return observer
  }
  return { io, socket, told, send }
}
