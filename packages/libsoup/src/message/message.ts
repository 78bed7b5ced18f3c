// One HTTP request and its response. Made by callers, sent by Session; sends itself nowhere.
// Upstream: libsoup/soup-message.c. Methods and status codes: RFC 9110 sections 9 and 15.

import { EventEmitter } from 'node:events'
import type {
  AcceptCertificate,
  SocketAddress,
  SocketClientEvent,
  SocketClientEventConnection,
  TlsCertificate,
  TlsCertificateFlags,
  TlsCertificateRequest,
  TlsPassword,
  TlsProtocolVersion,
  Uri,
  UriLike,
} from '@wpe-networking/glib-gio'
import type { Auth } from '../auth/auth.ts'
import { HTTPVersion } from './http-version.ts'
import { MessageFlags } from './message-flags.ts'
import { isToken } from '../headers/header-params.ts'
import { Encoding, MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import type { MessageMetrics } from './message-metrics.ts'
import { MessagePriority } from './message-priority.ts'
import { MessageState } from './message-state.ts'
import { RequestBody } from './request-body.ts'
import type { RequestBodySource } from './request-body.ts'
import { FORM_MIME_TYPE_URLENCODED } from '../form/form.ts'
import type { Multipart } from '../form/multipart.ts'
import { requestTarget } from '../uri/request-target.ts'
import { uriCopy } from '../uri/uri-utils.ts'
import type { TlsClientCertificateSource } from '../connection/message-tls-interaction.ts'
import type { SessionFeature, SessionFeatureClass } from '../session/session-feature.ts'

/**
 * Signals, in the order of one request. All but 'finished' may come again after 'restarted' (a redirect or a retry);
 * 'finished' comes once per send, last, whether the message succeeded or not.
 */
export interface MessageEvents {
  /** A step of making the connection; not on a reused one. The connection is null until there is one. */
  'network-event': [event: SocketClientEvent, connection: SocketClientEventConnection | null]
  /**
   * The certificate did not verify (`errors` is never 0). A listener that returns true accepts it, as `acceptCertificate`
   * may; it must decide at once. Asked again before another message's connection with such a certificate is used.
   */
  'accept-certificate': [certificate: TlsCertificate, errors: TlsCertificateFlags]
  /**
   * The server may want a client certificate. A listener that returns true, or a promise of it, answers with
   * `setTlsClientCertificate`, now or later, and the handshake waits for it. Does not come where a certificate was set
   * before or the session has a `tlsInteraction`.
   */
  'request-certificate': [request: TlsCertificateRequest]
  /**
   * The client certificate cannot be opened without a password, or not with the last one (see `password.flags`). A
   * listener that returns true, or a promise of it, fills `password`, now or later, and then calls
   * `tlsClientCertificatePasswordRequestComplete`.
   */
  'request-certificate-password': [password: TlsPassword]
  /**
   * The server or proxy of `auth` wants a name and a password, for the first time or, `retrying`, after it refused the
   * last ones. A listener that returns true, or a promise of it, has called or will call `auth.authenticate` or
   * `auth.cancel`, and the message waits for it. Without such a listener the response is delivered.
   */
  authenticate: [auth: Auth, retrying: boolean]
  /** About to be written; request headers may still be changed. */
  starting: []
  'wrote-headers': []
  /** A part of the request body was written; its size in bytes. */
  'wrote-body-data': [size: number]
  'wrote-body': []
  /** A 1xx response; `statusCode` and `responseHeaders` are its own until the final response. */
  'got-informational': []
  'got-headers': []
  /** The media type was found out. */
  'content-sniffed': [type: string, params: ReadonlyMap<string, string>]
  /** A part of the response body came; its size in bytes, before decoding. */
  'got-body-data': [size: number]
  'got-body': []
  /** Its host is known to want TLS, so that `uri` went from http to https. Before anything is sent. */
  'hsts-enforced': []
  /** The message will be sent again. */
  restarted: []
  finished: []
}

/** The package's own door to a message's state; not exported from the package. */
export let messageState: (message: Message) => MessageState

export class Message extends EventEmitter<MessageEvents> {
  static {
    messageState = (message) => message.#state
  }

  readonly #state: MessageState
  readonly requestHeaders = new MessageHeaders(MessageHeadersType.REQUEST)
  #method: string
  #isOptionsPing = false
  #requestBody: RequestBody | null = null
  #priority: MessagePriority = MessagePriority.NORMAL
  #disabledFeatures: Set<SessionFeatureClass> | null = null

  /** Bits of {@link MessageFlags}. */
  flags: MessageFlags = MessageFlags.NONE
  /** URI of the page the request is for; third-party cookie policies go by it. Null: treat as third party. */
  firstParty: Uri | null = null
  /** URI that SameSite cookies compare with (RFC 6265bis `site for cookies`); null: another site, once there is a `firstParty`. */
  siteForCookies: Uri | null = null
  /** Whether the request navigates a top-level window, which SameSite=Lax cookies allow for. */
  isTopLevelNavigation = false
  /**
   * Messages with different keys never share a connection, so that no site can tell from the state of one what another
   * did (Fetch, "network partition keys"). Null is a key like any other.
   */
  isolationKey: string | null = null
  /** Whether HTTP/2 must not be used. Takes a new connection. */
  forceHttp1 = false
  /** Asked when the server's certificate fails checks (never none): true goes on all the same; null refuses it. */
  acceptCertificate: AcceptCertificate | null = null

  /**
   * A message that sends a form, see `formEncode`: with GET in the query of `uri`, with POST and PUT as the body.
   *
   * @throws {UriError} When `uri` is a string that is no absolute URI.
   * @throws {TypeError} For another method.
   */
  static newFromEncodedForm(method: string, uri: UriLike, encodedForm: string): Message {
    const message = new Message(method, uri)
    if (method === 'GET') message.setUri(uriCopy(message.uri, { query: encodedForm }))
    else if (method !== 'POST' && method !== 'PUT') throw new TypeError(`A form is not sent with ${method}.`)
    else message.setRequestBodyFromBytes(FORM_MIME_TYPE_URLENCODED, Buffer.from(encodedForm))
    return message
  }

  /** A POST of `multipart`. Throws as the constructor. */
  static newFromMultipart(uri: UriLike, multipart: Multipart): Message {
    const message = new Message('POST', uri)
    message.setRequestBodyFromBytes(null, multipart.toMessage(message.requestHeaders))
    return message
  }

  /** Same as the constructor; upstream's name. */
  static newFromUri(method: string, uri: UriLike): Message {
    return new Message(method, uri)
  }

  /** `OPTIONS *`: asks the server of `baseUri` for a sign of life. Throws as the constructor. */
  static newOptionsPing(baseUri: UriLike): Message {
    const message = new Message('OPTIONS', baseUri)
    message.isOptionsPing = true
    return message
  }

  /**
   * @throws {UriError} When `uri` is a string that is no absolute URI.
   * @throws {TypeError} When `method` is no token.
   */
  constructor(method: string, uri: UriLike) {
    super()
    if (!isToken(method)) throw new TypeError(`The method ${JSON.stringify(method)} is not a token.`)
    this.#method = method
    this.#state = new MessageState(requestTarget(uri))
  }

  get method(): string {
    return this.#method
  }

  set method(method: string) {
    if (!isToken(method)) throw new TypeError(`The method ${JSON.stringify(method)} is not a token.`)
    this.#method = method
  }

  /** Where the request goes; redirects change it. */
  get uri(): Uri {
    return this.#state.target.uri
  }

  setUri(uri: UriLike): void {
    this.#state.target = requestTarget(uri)
    if (this.#isOptionsPing) this.isOptionsPing = true
  }

  /** Whether the request is for the server as a whole, `*`, rather than for the path of `uri`. Setting it sets the method. */
  get isOptionsPing(): boolean {
    return this.#isOptionsPing
  }

  set isOptionsPing(isOptionsPing: boolean) {
    this.#isOptionsPing = isOptionsPing
    if (isOptionsPing) this.#method = 'OPTIONS'
    const target = requestTarget(this.#state.target.uri)
    this.#state.target = isOptionsPing ? { ...target, path: '*' } : target
  }

  /** Higher goes first among the waiting messages of a host; may be changed while waiting. */
  get priority(): MessagePriority {
    return this.#priority
  }

  set priority(priority: MessagePriority) {
    if (priority === this.#priority) return
    this.#priority = priority
    this.#state.item?.priorityChanged()
  }

  /** 0 until a response came. */
  get statusCode(): number {
    return this.#state.statusCode
  }

  /** Upstream's name of the getter; same as `statusCode`. */
  get status(): number {
    return this.#state.statusCode
  }

  get reasonPhrase(): string {
    return this.#state.reasonPhrase
  }

  get httpVersion(): HTTPVersion {
    return this.#state.httpVersion
  }

  get responseHeaders(): MessageHeaders {
    return this.#state.responseHeaders
  }

  /** Fields behind the response body (RFC 9110 section 6.5), from 'got-body' on; null when there were none. */
  get responseTrailers(): MessageHeaders | null {
    return this.#state.responseTrailers
  }

  /** Null unless flagged COLLECT_METRICS and sent. */
  get metrics(): MessageMetrics | null {
    return this.#state.metrics
  }

  /** Number of the connection used last, unique in this process; 0 before there was one. */
  get connectionId(): number {
    return this.#state.connection?.id ?? 0
  }

  /** Whether the response came over a connection that had carried another message before. */
  get isConnectionReused(): boolean {
    return this.#state.isConnectionReused
  }

  get remoteAddress(): SocketAddress | null {
    return this.#state.connection?.remoteAddress ?? null
  }

  get tlsPeerCertificate(): TlsCertificate | null {
    return this.#state.connection?.tls?.peerCertificate ?? null
  }

  get tlsPeerCertificateErrors(): TlsCertificateFlags {
    return this.#state.connection?.tls?.peerCertificateErrors ?? 0
  }

  get tlsProtocolVersion(): TlsProtocolVersion {
    return this.#state.connection?.tls?.protocolVersion ?? 0
  }

  get tlsCiphersuiteName(): string | null {
    return this.#state.connection?.tls?.ciphersuiteName ?? null
  }

  /** `'openssl'`, `'gnutls'`, or null without TLS. */
  get tlsBackendName(): string | null {
    return this.#state.connection?.tls?.backendName ?? null
  }

  /** Whether the versions and headers of request and response let the connection be used again (RFC 9112 section 9.3). */
  get isKeepalive(): boolean {
    const { httpVersion, responseHeaders, statusCode } = this.#state
    if (httpVersion === HTTPVersion.HTTP_2_0) return true
    if (this.#method === 'CONNECT' && statusCode === 200) return true
    const hasBody = this.#method !== 'HEAD' && statusCode !== 204 && statusCode !== 304
    if (hasBody && responseHeaders.encoding === Encoding.EOF) return false
    if (httpVersion === HTTPVersion.HTTP_1_0) return responseHeaders.headerContains('Connection', 'keep-alive')
    const isClosing = (headers: MessageHeaders): boolean => headers.headerContains('Connection', 'close')
    return !isClosing(this.requestHeaders) && !isClosing(responseHeaders)
  }

  /**
   * Shows `certificate`, which needs its private key, to the host that the message goes to next, if it asks for one. Call
   * it before sending, or to answer 'request-certificate': with null the handshake goes on without. A function is called
   * for the certificate when it is needed; while it throws `BAD_CERTIFICATE_PASSWORD`, 'request-certificate-password'
   * asks for the password to call it with. Only messages with the same certificate share a connection.
   */
  setTlsClientCertificate(certificate: TlsClientCertificateSource | null): void {
    const state = this.#state
    state.tlsClientCertificate = certificate
    state.certificateAnswer?.(certificate)
  }

  /** Says that the password of 'request-certificate-password' is filled in. Without such a question it does nothing. */
  tlsClientCertificatePasswordRequestComplete(): void {
    this.#state.passwordAnswer?.()
  }

  /** What will be sent, or null. */
  get requestBody(): RequestBody | null {
    return this.#requestBody
  }

  /**
   * Sends `source` as the body, chunked unless `length` (bytes) is given; null takes the body away. A plain stream can
   * be sent once: give a function that opens a new one if the request may have to be repeated.
   */
  setRequestBody(contentType: string | null, source: RequestBodySource | null, length?: number): void {
    this.#setBody(contentType, source === null ? null : new RequestBody(source, length ?? null))
  }

  /** Sends `bytes` as the body. They are not copied. */
  setRequestBodyFromBytes(contentType: string | null, bytes: Uint8Array | null): void {
    this.#setBody(contentType, bytes === null ? null : new RequestBody(bytes, bytes.byteLength))
  }

  queryFlags(flags: MessageFlags): boolean {
    return (this.flags & flags) === flags
  }

  addFlags(flags: MessageFlags): void {
    this.flags |= flags
  }

  removeFlags(flags: MessageFlags): void {
    this.flags &= ~flags
  }

  /** Keeps features of this class (or derived from it) away from this message. */
  disableFeature(featureClass: SessionFeatureClass): void {
    ;(this.#disabledFeatures ??= new Set()).add(featureClass)
  }

  /** Whether `feature` must leave this message alone. */
  isFeatureDisabled(feature: SessionFeature | SessionFeatureClass): boolean {
    if (this.#disabledFeatures === null) return false
    if (typeof feature === 'function') return this.#disabledFeatures.has(feature)
    for (const featureClass of this.#disabledFeatures) if (feature instanceof featureClass) return true
    return false
  }

  #setBody(contentType: string | null, body: RequestBody | null): void {
    this.#requestBody = body
    if (body === null) this.requestHeaders.remove('Content-Type')
    else if (contentType !== null) this.requestHeaders.replace('Content-Type', contentType)
    this.requestHeaders.contentLength = body === null ? null : body.length
  }
}
