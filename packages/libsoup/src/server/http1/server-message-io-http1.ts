// One request and response on an HTTP/1.0 or 1.1 connection, through node:http's parser and writer.
// Made by ServerWire for each request. Upstream: libsoup/server/http1/soup-server-message-io-http1.c. RFC 9112.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import { HTTPVersion } from '../../message/http-version.ts'
import type { MessageHeaders } from '../../headers/message-headers.ts'
import type { ServerMessageIO, ServerMessageIOListener } from '../server-message-io.ts'
import { readRequestHead } from './request-head.ts'

/** Bytes that are cheaper to copy than to write on their own. */
const SHORT_CHUNK = 4096

/** HTTP/1 behind `ServerMessageIO`. */
export class ServerMessageIOHttp1 implements ServerMessageIO {
  readonly httpVersion: HTTPVersion
  readonly method: string
  readonly target: string
  readonly authority: string | null
  readonly rawHeaders: readonly string[]
  readonly refusal: number
  readonly hasBody: boolean
  readonly hasRange: boolean
  readonly requestStream: IncomingMessage
  protected readonly response: ServerResponse
  #listener: ServerMessageIOListener | null = null
  #listensForDrain = false
  #isEndOfBodyTheEnd = false

  /** @param leavesHttp The parser has let go of the stream: there is nobody to read a body. */
  constructor(request: IncomingMessage, response: ServerResponse, maxHeaderFields: number, leavesHttp = false) {
    this.httpVersion = request.httpVersion === '1.0' ? HTTPVersion.HTTP_1_0 : HTTPVersion.HTTP_1_1
    this.method = request.method ?? 'GET'
    this.target = request.url ?? '/'
    this.rawHeaders = request.rawHeaders
    const head = readRequestHead(request.rawHeaders, this.httpVersion, maxHeaderFields)
    this.authority = head.authority
    const isMisplacedBody = leavesHttp && head.hasBody && this.method !== 'CONNECT'
    this.refusal = head.refusal || (isMisplacedBody ? 400 : request.httpVersionMajor === 1 ? 0 : 505)
    this.hasBody = head.hasBody && !leavesHttp
    this.hasRange = head.hasRange
    this.requestStream = request
    this.response = response
    // Node's parser reads nothing that follows such a request, whether or not it was let go.
    if (head.hasUpgrade) response.shouldKeepAlive = false
  }

  get isStealable(): boolean {
    return false
  }

  get isWhole(): boolean {
    return !this.hasBody || this.requestStream.complete
  }

  writeContinue(): void {
    this.response.writeContinue()
  }

  writeEarlyHints(links: readonly string[]): boolean {
    if (this.httpVersion === HTTPVersion.HTTP_1_0) return false
    this.response.writeEarlyHints({ link: [...links] })
    return true
  }

  closeAfterwards(): void {
    this.response.shouldKeepAlive = false
  }

  delimitByClose(): void {
    this.closeAfterwards()
    this.response.useChunkedEncodingByDefault = false
    this.#isEndOfBodyTheEnd = true
  }

  writeHead(status: number, reasonPhrase: string, headers: MessageHeaders): void {
    let fields = headers.toRawList()
    // Who ends the body by closing, and a client of HTTP/1.0, knows no transfer coding.
    if (this.#isEndOfBodyTheEnd || this.httpVersion === HTTPVersion.HTTP_1_0) {
      fields = withoutField(fields, 'transfer-encoding')
    }
    // The very list, unread: a field name that occurs twice stays twice.
    this.response.writeHead(status, reasonPhrase, fields as string[])
  }

  flushHead(): void {
    this.response.flushHeaders()
  }

  write(chunk: Uint8Array, written: () => void): boolean {
    const hasRoom = this.response.write(chunk, (error) => {
      if (!error) written()
    })
    if (!hasRoom && !this.#listensForDrain) {
      this.#listensForDrain = true
      this.response.on('drain', () => this.#listener?.onDrain())
    }
    return hasRoom
  }

  end(lastChunk: Uint8Array | null): void {
    if (lastChunk === null) this.response.end()
    else if (lastChunk.length > SHORT_CHUNK || !Buffer.isBuffer(lastChunk)) this.response.end(lastChunk)
    // As text of the same bytes it goes out in one piece with the head, which saves a third of the writing.
    else this.response.end(lastChunk.toString('latin1'), 'latin1')
  }

  abort(): void {
    // What was written so far still goes out; then the end comes where the framing promises more.
    const { socket } = this.requestStream
    socket.end(() => socket.destroy())
  }

  /** Its close is that of the connection, which tells its messages. */
  listen(listener: ServerMessageIOListener): void {
    this.#listener = listener
    this.response.on('finish', () => listener.onFinish())
  }

  steal(): Duplex {
    throw new IOError('NOT_SUPPORTED', 'Only the connection of a CONNECT or Upgrade request can be taken over.')
  }
}

function withoutField(fields: readonly string[], name: string): readonly string[] {
  return fields.filter((_part, at) => (fields[at - (at % 2)] as string).toLowerCase() !== name)
}
