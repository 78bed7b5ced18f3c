// Makes a message of each request the wire brings, lets the server's auth domains and handlers have it, and tells of its end.
// Made by Server, once. Upstream: got_headers, got_body and request_finished of libsoup/server/soup-server.c

import { IOError } from '@wpe-networking/glib-gio'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { statusGetPhrase } from '../message/status.ts'
import type { AuthDomain } from './auth-domain/auth-domain.ts'
import { authenticateRequest } from './auth-domain/authenticate-request.ts'
import { EffectiveUris } from './effective-uri.ts'
import type { RequestBodyLimits } from './request-body-reader.ts'
import type { ServerConnection } from './server-connection.ts'
import { publishServerConnectionFailed, publishServerRequest } from './server-diagnostics.ts'
import type { ServerHandlers } from './server-handlers.ts'
import {
  ServerMessageDriver,
  type ServerMessageDriverHost,
  type ServerMessageOutcome,
} from './server-message-driver.ts'
import type { ServerMessage } from './server-message.ts'
import type { ServerMessageIO } from './server-message-io.ts'
import type { Server } from './server.ts'

/** What requests of one server share. */
export class ServerRequests implements ServerMessageDriverHost {
  readonly maxRequestBodyBytes: number
  readonly minBodyRate: number
  readonly bodyRatePeriodMs: number
  /** Those that were added, in their order. */
  readonly authDomains: AuthDomain[] = []
  readonly #server: Server
  readonly #handlers: ServerHandlers
  readonly #uris: EffectiveUris
  #lastMessageId = 0

  constructor(server: Server, handlers: ServerHandlers, limits: RequestBodyLimits) {
    this.#server = server
    this.#handlers = handlers
    this.#uris = new EffectiveUris(server.rawPaths)
    this.maxRequestBodyBytes = limits.maxRequestBodyBytes
    this.minBodyRate = limits.minBodyRate
    this.bodyRatePeriodMs = limits.bodyRatePeriodMs
  }

  /** Takes a request on, whose head is in. */
  start(connection: ServerConnection, io: ServerMessageIO, expectsContinue: boolean): void {
    const subject = this.#uris.read(io, connection.isTls, () => String(connection.localAddress ?? 'localhost'))
    if (!subject) {
      refuse(io)
      connection.endInput()
      const error = new IOError('INVALID_DATA', 'A client sent a request target that is no URI.')
      publishServerConnectionFailed(connection, error)
      return
    }
    const { uri, path, query } = subject
    const init = {
      id: ++this.#lastMessageId,
      method: io.method,
      httpVersion: io.httpVersion,
      uri,
      path: path ?? '/',
      query,
      isOptionsPing: io.target === '*',
      requestHeaders: MessageHeaders.fromReceived(MessageHeadersType.REQUEST, io.rawHeaders, null),
      peer: connection,
    }
    const driver = new ServerMessageDriver(this, connection, io, init, expectsContinue)
    connection.drivers.add(driver)
    const { serverHeader } = this.#server
    if (serverHeader !== null) driver.message.responseHeaders.append('Server', serverHeader)
    if (path === null) driver.message.setStatus(400)
    driver.run()
  }

  requestStarted(message: ServerMessage): void {
    this.#server.emit('request-started', message)
  }

  gotHeaders(message: ServerMessage): Promise<void> | null {
    if (this.authDomains.length > 0) {
      const covering = this.authDomains.filter((domain) => domain.covers(message))
      if (covering.length > 0) return this.#authenticate(message, covering)
    }
    return this.#handlers.callEarly(this.#server, message)
  }

  requestRead(message: ServerMessage): void {
    this.#server.emit('request-read', message)
  }

  gotBody(message: ServerMessage): Promise<void> | null {
    return this.#handlers.callNormal(this.#server, message)
  }

  requestEnded(driver: ServerMessageDriver, outcome: ServerMessageOutcome, error: Error | null): void {
    const { connection, message } = driver
    const isPublished = publishServerRequest(connection, message, outcome, error)
    if (outcome === 'complete' && message.status !== 500 && error === null) {
      this.#server.emit('request-finished', message)
    } else if (outcome !== 'stolen') {
      const isHeard = this.#server.emit('request-aborted', message, error) || isPublished
      if (error && !isHeard) process.emitWarning(error)
    }
    connection.messageEnded(driver)
  }

  lateError(error: Error): void {
    process.emitWarning(error)
  }

  async #authenticate(message: ServerMessage, covering: readonly AuthDomain[]): Promise<void> {
    await authenticateRequest(message, covering)
    if (message.status === 0) await this.#handlers.callEarly(this.#server, message)
  }
}

/** Answers a request that cannot become a message. */
function refuse(io: ServerMessageIO): void {
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  headers.contentLength = 0
  io.closeAfterwards()
  io.writeHead(400, statusGetPhrase(400), headers)
  io.end(null)
}
