// One request and response on a stream of an HTTP/2 connection, through node:http2's server session.
// Made by ServerWire for each request. Upstream: libsoup/server/http2/soup-server-message-io-http2.c. RFC 9113.

import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Duplex } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import { HTTPVersion } from '../../message/http-version.ts'
import type { MessageHeaders } from '../../headers/message-headers.ts'
import { collectFields } from '../response-fields.ts'
import type { ServerMessageIO, ServerMessageIOListener } from '../server-message-io.ts'

/** NGHTTP2_INTERNAL_ERROR (RFC 9113 section 7): what a client sees of a response that was broken off. */
const INTERNAL_ERROR = 2

/** Fields that speak of one HTTP/1 connection and are malformed in HTTP/2 (RFC 9113 section 8.2.2). */
const CONNECTION_FIELDS = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])

/** HTTP/2 behind `ServerMessageIO`. */
export class ServerMessageIOHttp2 implements ServerMessageIO {
  readonly httpVersion = HTTPVersion.HTTP_2_0
  readonly method: string
  readonly target: string
  readonly authority: string | null
  readonly rawHeaders: readonly string[]
  readonly refusal: number
  readonly hasBody: boolean
  readonly hasRange: boolean
  readonly isStealable = false
  readonly requestStream: Http2ServerRequest
  readonly #response: Http2ServerResponse

  constructor(request: Http2ServerRequest, response: Http2ServerResponse, maxHeaderFields: number) {
    this.method = request.method
    this.target = request.url
    const { host } = request.headers
    this.authority = request.authority || (host ?? null)
    this.rawHeaders = regularFields(request.rawHeaders)
    // Who is between the client and here may have believed the other one (RFC 9113 section 8.3.1).
    const isTwoFaced = host !== undefined && host.toLowerCase() !== this.authority?.toLowerCase()
    this.refusal = this.rawHeaders.length > maxHeaderFields * 2 ? 431 : isTwoFaced ? 400 : 0
    this.hasRange = this.rawHeaders.includes('range')
    this.hasBody = !request.stream.endAfterHeaders
    this.requestStream = request
    this.#response = response
  }

  get isWhole(): boolean {
    return !this.hasBody || this.requestStream.complete
  }

  writeContinue(): void {
    this.#response.writeContinue()
  }

  writeEarlyHints(links: readonly string[]): boolean {
    this.#response.writeEarlyHints({ link: [...links] })
    return true
  }

  closeAfterwards(): void {
    // A stream says nothing about its connection.
  }

  delimitByClose(): void {
    // Every body of HTTP/2 ends with its stream.
  }

  writeHead(status: number, _reasonPhrase: string, headers: MessageHeaders): void {
    for (const [name, values] of collectFields(headers)) {
      if (!CONNECTION_FIELDS.has(name.toLowerCase())) this.#response.setHeader(name, values)
    }
    this.#response.writeHead(status)
  }

  flushHead(): void {
    // node:http2 sends a HEADERS frame of its own as soon as the head is written.
  }

  write(chunk: Uint8Array, written: () => void): boolean {
    return this.#response.write(chunk, (error?: Error | null) => {
      if (!error) written()
    })
  }

  end(lastChunk: Uint8Array | null): void {
    if (lastChunk === null) this.#response.end()
    else this.#response.end(lastChunk)
  }

  abort(): void {
    this.#response.stream.close(INTERNAL_ERROR)
  }

  listen(listener: ServerMessageIOListener): void {
    this.#response.on('drain', () => listener.onDrain())
    this.#response.once('finish', () => listener.onFinish())
    this.#response.once('close', () => listener.onClose())
  }

  steal(): Duplex {
    throw new IOError('NOT_SUPPORTED', 'A stream of an HTTP/2 connection cannot be taken over.')
  }
}

/** Regular fields only, and `Cookie` in one piece again: HTTP/2 lets it travel in crumbs (RFC 9113 section 8.2.3). */
function regularFields(rawHeaders: readonly string[]): string[] {
  const fields: string[] = []
  const crumbs: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const value = rawHeaders[at + 1] ?? ''
    if (name === 'cookie') crumbs.push(value)
    else if (!name.startsWith(':')) fields.push(name, value)
  }
  if (crumbs.length > 0) fields.push('cookie', crumbs.join('; '))
  return fields
}
