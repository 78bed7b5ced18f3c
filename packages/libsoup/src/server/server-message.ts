// One request that came in and the response being made for it: what handlers see and fill in.
// Made by Server for each request and stepped by ServerMessageDriver. Upstream: libsoup/server/soup-server-message.c

import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { InetSocketAddress, Uri, type SocketAddress, type TlsCertificate } from '@wpe-networking/glib-gio'
import type { HTTPVersion } from '../message/http-version.ts'
import { Encoding, MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { statusGetPhrase } from '../message/status.ts'
import { MessageBody } from './message-body.ts'

/** Signals of a `ServerMessage`, in the order in which they come. */
export interface ServerMessageEvents {
  /** Request line and header section are in. Once. */
  'got-headers': []
  /** A piece of the request body is in. Any number of times; not when the body is read as a stream. */
  'got-chunk': [chunk: Buffer]
  /** The request is in, whole. Once; not when a response was decided on before. */
  'got-body': []
  /** `100 Continue` was sent. At most once. */
  'wrote-informational': []
  /** Status line and header section of the response were handed to the connection. Once. */
  'wrote-headers': []
  /** A chunk of the response has left this process. */
  'wrote-chunk': []
  /** So many bytes of the response body have left this process. Beside every 'wrote-chunk'. */
  'wrote-body-data': [bytes: number]
  /** The whole response has left this process. Once; not when it was broken off. */
  'wrote-body': []
  /** The connection went away before the response was whole. */
  disconnected: []
  /** Always last, once: nothing happens to this message any more, however it ended. */
  finished: []
}

/** What a message needs to know of the connection it came in on. */
export interface ServerMessagePeer {
  readonly localAddress: SocketAddress | null
  readonly remoteAddress: SocketAddress | null
  /** The client's certificate, or null without TLS or when it presented none. */
  readonly tlsPeerCertificate: TlsCertificate | null
  /** `TlsCertificateFlags` of the client's certificate, 0 when it has none or a good one. */
  readonly tlsPeerCertificateErrors: number
}

/** What the head of a request says, as `Server` read it. */
export interface ServerMessageInit {
  readonly id: number
  readonly method: string
  readonly httpVersion: HTTPVersion
  readonly uri: Uri
  readonly isOptionsPing: boolean
  readonly requestHeaders: MessageHeaders
  readonly peer: ServerMessagePeer
}

/** What a message asks of the driver that steps it. */
export interface ServerMessageControl {
  /** Something changed that may let the response go on: a chunk, the end of the body, the end of a pause. */
  advance(): void
  /** Gives the request body as a stream; nobody else reads it from then on. */
  takeRequestStream(): Readable
}

/**
 * A message a `Server` received. A handler reads the request from it, then sets a status and, if there is one, a body.
 *
 * A body of known length is set with `setResponse`. For a chunked one, set
 * `responseHeaders.encoding` to `Encoding.CHUNKED`, then `responseBody.append` as data comes and `responseBody.complete` at the end; each chunk is sent as
 * soon as the status is set and the message is not paused.
 */
export class ServerMessage extends EventEmitter<ServerMessageEvents> {
  /** Number of this message in its server, from 1; the diagnostics channels carry it. */
  readonly id: number
  readonly method: string
  readonly httpVersion: HTTPVersion
  /** True for `OPTIONS *`, whose `uri` has the path `/` since no URI can have the path `*`. */
  readonly isOptionsPing: boolean
  readonly requestHeaders: MessageHeaders
  /** The request body as far as it was read; whole when a normal handler runs. Empty when it is read as a stream. */
  readonly requestBody: MessageBody
  readonly responseHeaders: MessageHeaders
  readonly responseBody: MessageBody
  readonly #peer: ServerMessagePeer
  readonly #control: ServerMessageControl
  #uri: Uri
  #status = 0
  #reasonPhrase = ''
  #responseStream: Readable | null = null
  #paused = false

  /** Messages are made by `Server`. */
  constructor(init: ServerMessageInit, control: ServerMessageControl) {
    super()
    this.id = init.id
    this.method = init.method
    this.httpVersion = init.httpVersion
    this.isOptionsPing = init.isOptionsPing
    this.requestHeaders = init.requestHeaders
    this.responseHeaders = new MessageHeaders(MessageHeadersType.RESPONSE)
    this.requestBody = new MessageBody(true)
    this.responseBody = new MessageBody(false, () => control.advance())
    this.#uri = init.uri
    this.#peer = init.peer
    this.#control = control
  }

  /** The effective request URI (RFC 9110 section 7.1). */
  get uri(): Uri {
    return this.#uri
  }

  /** Status of the response, 0 as long as nobody decided on one. */
  get status(): number {
    return this.#status
  }

  /** Reason phrase of the response; HTTP/2 sends none. */
  get reasonPhrase(): string {
    return this.#reasonPhrase
  }

  /** Where the client is; null over a stream without addresses. */
  get remoteAddress(): SocketAddress | null {
    return this.#peer.remoteAddress
  }

  /** IP address of the client as text, or null. */
  get remoteHost(): string | null {
    const { remoteAddress } = this.#peer
    return remoteAddress instanceof InetSocketAddress ? remoteAddress.address.toString() : null
  }

  /** The address of this server that the client reached. */
  get localAddress(): SocketAddress | null {
    return this.#peer.localAddress
  }

  get tlsPeerCertificate(): TlsCertificate | null {
    return this.#peer.tlsPeerCertificate
  }

  get tlsPeerCertificateErrors(): number {
    return this.#peer.tlsPeerCertificateErrors
  }

  /**
   * The request body as a stream, for one that is too long to hold. Only an early handler can have it, before the server
   * starts to collect the body; the limit on the body's size does not apply then. Read it to the end or destroy it:
   * the normal handler runs after its end.
   *
   * @throws {Error} when the body is being read already.
   */
  takeRequestStream(): Readable {
    return this.#control.takeRequestStream()
  }

  /**
   * Decides the response's status. Handlers that would run later are skipped from then on.
   *
   * @param reasonPhrase Default: the usual phrase of that status.
   * @throws {RangeError} for anything but a final status, 200 to 999.
   */
  setStatus(status: number, reasonPhrase?: string): void {
    if (!Number.isInteger(status) || status < 200 || status > 999) {
      throw new RangeError(`${status} is not a final HTTP status`)
    }
    this.#status = status
    this.#reasonPhrase = reasonPhrase ?? statusGetPhrase(status)
  }

  /**
   * Sets a redirect status and the `Location` to go to.
   *
   * @param location A URI or a reference, which is resolved against `uri`.
   */
  setRedirect(status: number, location: string | URL | Uri): void {
    this.setStatus(status)
    this.responseHeaders.replace('Location', Uri.parseRelative(this.#uri, String(location)).toString())
  }

  /** Sets the whole response body and its type; a null type leaves `Content-Type` alone. Strings are sent as UTF-8. */
  setResponse(contentType: string | null, body: Uint8Array | string): void {
    if (contentType !== null) this.responseHeaders.replace('Content-Type', contentType)
    this.#responseStream?.destroy()
    this.#responseStream = null
    this.responseBody.truncate()
    this.responseBody.append(body)
    this.responseBody.complete()
  }

  /**
   * Sets a stream as the response body: it is read no faster than the client takes it, and destroyed when the client goes
   * away. An error of the stream breaks the response off.
   *
   * @param length Bytes the stream will give, sent as `Content-Length`; without it the response is chunked.
   */
  setResponseStream(contentType: string | null, stream: Readable, length?: number): void {
    if (contentType !== null) this.responseHeaders.replace('Content-Type', contentType)
    if (length === undefined) this.responseHeaders.encoding = Encoding.CHUNKED
    else this.responseHeaders.contentLength = length
    this.#responseStream = stream
  }

  /** The stream given to `setResponseStream`, or null. */
  get responseStream(): Readable | null {
    return this.#responseStream
  }

  /** Holds the message where it is, until `unpause`: for an answer that is made later without an async handler. */
  pause(): void {
    this.#paused = true
  }

  /** Lets a paused message go on. Does nothing to one that is not paused. */
  unpause(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#control.advance()
  }

  get isPaused(): boolean {
    return this.#paused
  }
}
