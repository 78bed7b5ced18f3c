// One request that came in and the response being made for it: what handlers see and fill in.
// Made by Server for each request and stepped by ServerMessageDriver. Upstream: libsoup/server/soup-server-message.c

import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { InetSocketAddress, IOError, Uri, type SocketAddress, type TlsCertificate } from '@wpe-networking/glib-gio'
import { HTTPVersion } from '../message/http-version.ts'
import { Encoding, type MessageHeaders } from '../headers/message-headers.ts'
import { statusGetPhrase } from '../message/status.ts'
import type { AuthDomain } from './auth-domain/auth-domain.ts'
import { MessageBody, type MessageBodyListener } from './message-body.ts'
import { ResponseHeaders } from './response-headers.ts'

/** Signals of a `ServerMessage`, in the order in which they come. */
export interface ServerMessageEvents {
  /** The message has its connection. Once, before anything else. */
  connected: []
  /** Request line and header section are in. Once. */
  'got-headers': []
  /** A piece of the request body is in. Any number of times; not when the body is read as a stream. */
  'got-chunk': [chunk: Buffer]
  /** The request is in, whole. Once; not when a response was decided on before. */
  'got-body': []
  /** `100 Continue`, `103 Early Hints` or `101 Switching Protocols` was sent. */
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
  readonly socket: Socket | null
  readonly isClosed: boolean
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
  /** The effective request URI; a function where parsing can wait until somebody asks. */
  readonly uri: Uri | (() => Uri)
  /** What handlers are matched on. */
  readonly path: string
  readonly query: string | null
  readonly isOptionsPing: boolean
  readonly requestHeaders: MessageHeaders
  readonly peer: ServerMessagePeer
}

/** What a message asks of the driver that steps it. `bodyChanged`: something may let the response go on. */
export interface ServerMessageControl extends MessageBodyListener {
  /** Whether the client asked to leave HTTP. */
  readonly isStealable: boolean
  /** Gives the request body as a stream; nobody else reads it from then on. */
  takeRequestStream(): Readable
  /** Gives the connection away. */
  steal(): Duplex
  /** Sends `103 Early Hints`; false when it is too late or the client knows none. */
  writeEarlyHints(links: readonly string[]): boolean
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
  /**
   * The path handlers and auth domains are matched on: decoded, unless the server has `rawPaths`; `*` for `OPTIONS *`, `/` for
   * CONNECT.
   */
  readonly path: string
  /** The query of the URI as it came, or null. */
  readonly query: string | null
  /** True for `OPTIONS *`, whose `uri` has the path `/` since no URI can have the path `*`. */
  readonly isOptionsPing: boolean
  readonly requestHeaders: MessageHeaders
  readonly responseHeaders: MessageHeaders
  readonly responseBody: MessageBody
  readonly #peer: ServerMessagePeer
  readonly #control: ServerMessageControl
  #uri: Uri | (() => Uri)
  #httpVersion: HTTPVersion
  #requestBody: MessageBody | null = null
  #authDomain: AuthDomain | null = null
  #authUser: string | null = null
  #closesConnection = false
  #status = 0
  #reasonPhrase = ''
  #responseStream: Readable | null = null
  #paused = false

  /** Messages are made by `Server`. */
  constructor(init: ServerMessageInit, control: ServerMessageControl) {
    super()
    this.id = init.id
    this.method = init.method
    this.path = init.path
    this.query = init.query
    this.isOptionsPing = init.isOptionsPing
    this.requestHeaders = init.requestHeaders
    this.responseHeaders = new ResponseHeaders()
    this.responseBody = new MessageBody(false, control)
    this.#httpVersion = init.httpVersion
    this.#uri = init.uri
    this.#peer = init.peer
    this.#control = control
  }

  /** The effective request URI (RFC 9110 section 7.1). */
  get uri(): Uri {
    if (typeof this.#uri === 'function') this.#uri = this.#uri()
    return this.#uri
  }

  /** The request body as far as it was read; whole when a normal handler runs. Empty when it is read as a stream. */
  get requestBody(): MessageBody {
    return (this.#requestBody ??= new MessageBody(true))
  }

  /** The version the client spoke, or the one the response is to be fit for. */
  get httpVersion(): HTTPVersion {
    return this.#httpVersion
  }

  /**
   * Answers as to a client of HTTP/1.0: without chunked coding, and the connection closes afterwards. The status line still
   * says HTTP/1.1, as RFC 9112 section 2.3 has it. Only before the head is written.
   *
   * @throws {RangeError} when the message did not come by HTTP/1, or for a version other than 1.0 and 1.1.
   */
  set httpVersion(version: HTTPVersion) {
    if (this.#httpVersion === HTTPVersion.HTTP_2_0 || version === HTTPVersion.HTTP_2_0) {
      throw new RangeError('The HTTP version of a message can only be changed between 1.0 and 1.1.')
    }
    this.#httpVersion = version
    this.#closesConnection = version === HTTPVersion.HTTP_1_0
  }

  /** Whether the response was made one for HTTP/1.0. Read by the server. */
  get closesConnection(): boolean {
    return this.#closesConnection
  }

  /** The auth domain that let the request in, or null where none covers it. */
  get authDomain(): AuthDomain | null {
    return this.#authDomain
  }

  /** The name the client proved to `authDomain`, or null. */
  get authUser(): string | null {
    return this.#authUser
  }

  /** Called by the server once a domain accepts the request. */
  setAuth(domain: AuthDomain, user: string): void {
    this.#authDomain = domain
    this.#authUser = user
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

  /** The socket below, for its options and addresses; null over a stream that is none. Do not read or write it. */
  get socket(): Socket | null {
    return this.#peer.socket
  }

  /** The client's certificate, or null without TLS or when it presented none. */
  get tlsPeerCertificate(): TlsCertificate | null {
    return this.#peer.tlsPeerCertificate
  }

  /** `TlsCertificateFlags` of the client's certificate: 0, unless it was accepted all the same. */
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
   * @throws {RangeError} for anything but a final status, 200 to 999; 101 is one where the client asked for an upgrade.
   */
  setStatus(status: number, reasonPhrase?: string): void {
    const isFinal = status >= 200 || (status === 101 && this.#control.isStealable)
    if (!Number.isInteger(status) || !isFinal || status > 999) {
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
    this.responseHeaders.replace('Location', Uri.parseRelative(this.uri, String(location)).toString())
  }

  /** Sets the whole response body and its type; a null type leaves `Content-Type` alone. Strings are sent as UTF-8. */
  setResponse(contentType: string | null, body: Uint8Array | string): void {
    if (contentType !== null) this.responseHeaders.replace('Content-Type', contentType)
    this.#responseStream?.destroy()
    this.#responseStream = null
    this.responseBody.set(body)
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

  /**
   * Tells the client what the page will need, before there is an answer: `103 Early Hints` (RFC 8297) with one `Link` field
   * for each of `links`, such as `</style.css>; rel=preload; as=style`.
   *
   * @returns False when it is too late, or the client speaks HTTP/1.0 and would not understand.
   * @throws {TypeError} for text that is no link value.
   */
  sendEarlyHints(links: readonly string[]): boolean {
    return links.length > 0 && this.#control.writeEarlyHints(links)
  }

  /** Whether `stealConnection` is possible: the request is a CONNECT or asks for an upgrade, by HTTP/1. */
  get canStealConnection(): boolean {
    return this.#control.isStealable && !this.#peer.isClosed
  }

  /**
   * Takes the connection over from the server, which forgets it: for CONNECT, and for a request with `Upgrade`. Bytes the
   * client sent after its head come first. Answer by writing to the stream, or set status 101 and take it in
   * 'wrote-informational'. The last signal of the message is 'finished', its server emits nothing more for it.
   *
   * @throws {IOError} `NOT_SUPPORTED` for any other request, and for HTTP/2; `CLOSED` when the message has ended.
   */
  stealConnection(): Duplex {
    if (this.#peer.isClosed) throw new IOError('CLOSED', 'The connection is closed already.')
    return this.#control.steal()
  }

  /** Holds the message where it is, until `unpause`: for an answer that is made later without an async handler. */
  pause(): void {
    this.#paused = true
  }

  /** Lets a paused message go on. Does nothing to one that is not paused. */
  unpause(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#control.bodyChanged()
  }

  get isPaused(): boolean {
    return this.#paused
  }
}
