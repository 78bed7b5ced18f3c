// A request whose client asks to leave HTTP: CONNECT, or a request with Upgrade. node:http has let go of the stream by then,
// so the response is written by a ServerResponse of our own, after which the connection closes unless it is taken over.
// Made by ServerWire. Upstream: soup_server_connection_steal of libsoup/server/soup-server-connection.c.
// RFC 9110 sections 7.8 (Upgrade) and 9.3.6 (CONNECT).

import { ServerResponse, STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { MessageHeaders } from '../../headers/message-headers.ts'
import { ServerMessageIOHttp1 } from './server-message-io-http1.ts'

/** HTTP/1 for the last time on this connection. */
export class ServerMessageIOUpgrade extends ServerMessageIOHttp1 {
  readonly #stream: Duplex
  readonly #readAhead: Buffer
  #isHeadOfSwitchWritten = false

  /** @param readAhead What the client sent after its head. */
  constructor(request: IncomingMessage, stream: Duplex, readAhead: Buffer, maxHeaderFields: number) {
    const response = new ServerResponse(request)
    super(request, response, maxHeaderFields, true)
    this.#stream = stream
    this.#readAhead = readAhead
    response.assignSocket(stream as never)
    response.shouldKeepAlive = false
    response.once('finish', () => {
      if (this.#isHeadOfSwitchWritten) return
      response.detachSocket(stream as never)
      stream.end(() => stream.destroy())
    })
  }

  override get isStealable(): boolean {
    return true
  }

  /** 101 ends HTTP here; what follows is up to who takes the stream over. */
  override writeHead(status: number, reasonPhrase: string, headers: MessageHeaders): void {
    if (status !== 101 && !(this.method === 'CONNECT' && status < 300)) {
      super.writeHead(status, reasonPhrase, headers)
      return
    }
    if (/[^\t\x20-\x7e]/.test(reasonPhrase)) throw new TypeError('The reason phrase has a character HTTP forbids.')
    let head = `HTTP/1.1 ${status} ${reasonPhrase || (STATUS_CODES[status] ?? '')}\r\n`
    headers.forEach((name, value) => (head += `${name}: ${value}\r\n`))
    this.#isHeadOfSwitchWritten = true
    this.#stream.write(`${head}\r\n`, 'latin1')
  }

  override flushHead(): void {
    if (!this.#isHeadOfSwitchWritten) super.flushHead()
  }

  override end(lastChunk: Uint8Array | null): void {
    if (this.#isHeadOfSwitchWritten) this.#stream.end()
    else super.end(lastChunk)
  }

  override steal(): Duplex {
    this.#isHeadOfSwitchWritten = true
    this.response.detachSocket(this.#stream as never)
    if (this.#readAhead.length > 0) this.#stream.unshift(this.#readAhead)
    return this.#stream
  }
}
