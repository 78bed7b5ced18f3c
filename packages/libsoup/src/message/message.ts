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
  TlsProtocolVersion,
  Uri,
  UriLike,
} from '@wpe-networking/glib-gio'
import type { HTTPVersion } from './http-version.ts'
import { MessageFlags } from './message-flags.ts'
import { isToken } from '../headers/header-params.ts'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import type { MessageMetrics } from './message-metrics.ts'
import { MessagePriority } from './message-priority.ts'
import { MessageState } from './message-state.ts'
import { RequestBody } from './request-body.ts'
import type { RequestBodySource } from './request-body.ts'
import { requestTarget } from '../uri/request-target.ts'
import type { SessionFeature, SessionFeatureClass } from '../session/session-feature.ts'

/**
 * Signals, in the order of one request. All but 'finished' may come again after 'restarted' (a redirect or a retry);
 * 'finished' comes once per send, last, whether the message succeeded or not.
 */
export interface MessageEvents {
  /** A step of making the connection; not on a reused one. The connection is null until there is one. */
  'network-event': [event: SocketClientEvent, connection: SocketClientEventConnection | null]
  /** The certificate did not verify; for watching only, the decision is `message.acceptCertificate`. */
  'accept-certificate': [certificate: TlsCertificate, errors: TlsCertificateFlags]
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
  #requestBody: RequestBody | null = null
  #priority: MessagePriority = MessagePriority.NORMAL
  #disabledFeatures: Set<SessionFeatureClass> | null = null

  /** Bits of {@link MessageFlags}. */
  flags: MessageFlags = MessageFlags.NONE
  /** URI of the page the request is for; third-party cookie policies go by it. Null: treat as third party. */
  firstParty: Uri | null = null
  /** URI that SameSite cookies compare with (RFC 6265bis `site for cookies`); null: same site. */
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
