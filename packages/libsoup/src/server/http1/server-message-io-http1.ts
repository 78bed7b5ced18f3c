// One request and response on an HTTP/1.0 or 1.1 connection, through node:http's parser and writer.
// Made by ServerWire for each request. Upstream: libsoup/server/http1/soup-server-message-io-http1.c. RFC 9112.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { HTTPVersion } from '../../message/http-version.ts'
import type { MessageHeaders } from '../../headers/message-headers.ts'
import { collectFields } from '../response-fields.ts'
import type { ServerMessageIO, ServerMessageIOListener } from '../server-message-io.ts'

/** HTTP/1 behind `ServerMessageIO`. */
export class ServerMessageIOHttp1 implements ServerMessageIO {
  readonly httpVersion: HTTPVersion
  readonly method: string
  readonly target: string
  readonly authority: string | null
  readonly rawHeaders: readonly string[]
  readonly requestStream: IncomingMessage
  readonly #response: ServerResponse

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.httpVersion = request.httpVersion === '1.0' ? HTTPVersion.HTTP_1_0 : HTTPVersion.HTTP_1_1
    this.method = request.method ?? 'GET'
    this.target = request.url ?? '/'
    this.authority = request.headers.host ?? null
    this.rawHeaders = request.rawHeaders
    this.requestStream = request
    this.#response = response
  }

  writeContinue(): void {
    this.#response.writeContinue()
  }

  writeHead(status: number, reasonPhrase: string, headers: MessageHeaders): void {
    for (const [name, values] of collectFields(headers)) {
      // An HTTP/1.0 client knows no transfer coding: without this field node:http ends the body by closing.
      if (this.httpVersion === HTTPVersion.HTTP_1_0 && name.toLowerCase() === 'transfer-encoding') continue
      this.#response.setHeader(name, values)
    }
    this.#response.writeHead(status, reasonPhrase)
  }

  flushHead(): void {
    this.#response.flushHeaders()
  }

  write(chunk: Uint8Array, written: () => void): boolean {
    return this.#response.write(chunk, (error) => {
      if (!error) written()
    })
  }

  end(): void {
    this.#response.end()
  }

  abort(): void {
    // What was written so far still goes out; then the end comes where the framing promises more.
    const { socket } = this.requestStream
    socket.end(() => socket.destroy())
  }

  listen(listener: ServerMessageIOListener): void {
    this.#response.on('drain', () => listener.onDrain())
    this.#response.once('finish', () => listener.onFinish())
    this.#response.once('close', () => listener.onClose())
  }
}
