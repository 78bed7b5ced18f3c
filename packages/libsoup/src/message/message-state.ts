// What the session and its wire code change on a Message while it is being sent; Message shows it read-only. Kept apart
// so that Message's public face has no setters callers must not touch. Upstream: SoupMessagePrivate in soup-message.c.

import type { Connection } from '../connection/connection.ts'
import type { Message } from './message.ts'
import { HTTPVersion } from './http-version.ts'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import type { MessageMetrics } from './message-metrics.ts'
import type { MessageQueueItem } from '../session/message-queue-item.ts'
import type { TlsClientCertificateSource } from '../connection/message-tls-interaction.ts'
import type { RequestTarget } from '../uri/request-target.ts'

export class MessageState {
  target: RequestTarget
  statusCode = 0
  reasonPhrase = ''
  httpVersion: HTTPVersion = HTTPVersion.HTTP_1_1
  #responseHeaders: MessageHeaders | null = null
  metrics: MessageMetrics | null = null
  /** The connection of the last attempt; kept after the message finished, for its addresses and TLS facts. */
  connection: Connection | null = null
  isConnectionReused = false
  /** Fields that came behind the response body; null when there were none. */
  responseTrailers: MessageHeaders | null = null
  /** The message this one, a CONNECT to a proxy, makes the way for. What is asked of users is asked on that one. */
  tunnelFor: Message | null = null
  /** Of the host in whose queue the message waits or waited last. */
  connectionKey = ''
  #certificate: TlsClientCertificateSource | null = null
  /** The one host the certificate is for, so that no redirect shows it elsewhere; null until it is first asked for. */
  #certificateHostKey: string | null = null
  /** Set while a handshake waits for the message's client certificate. */
  certificateAnswer: ((certificate: TlsClientCertificateSource | null) => void) | null = null
  /** Set while the opening of a client certificate waits for its password. */
  passwordAnswer: (() => void) | null = null
  /** Set while the message is in a session's queue. */
  item: MessageQueueItem | null = null

  constructor(target: RequestTarget) {
    this.target = target
  }

  get responseHeaders(): MessageHeaders {
    return (this.#responseHeaders ??= new MessageHeaders(MessageHeadersType.RESPONSE))
  }

  set responseHeaders(headers: MessageHeaders | null) {
    this.#responseHeaders = headers
  }

  get tlsClientCertificate(): TlsClientCertificateSource | null {
    return this.#certificate
  }

  set tlsClientCertificate(certificate: TlsClientCertificateSource | null) {
    this.#certificate = certificate
    this.#certificateHostKey = null
  }

  /** The client certificate to show to `target`. */
  clientCertificateFor({ hostKey }: RequestTarget): TlsClientCertificateSource | null {
    if (this.#certificate === null) return null
    this.#certificateHostKey ??= hostKey
    return this.#certificateHostKey === hostKey ? this.#certificate : null
  }

  /** Takes the head of a response, whether from the wire or from a store. */
  setResponse(statusCode: number, reasonPhrase: string, headers: MessageHeaders): void {
    this.statusCode = statusCode
    this.reasonPhrase = reasonPhrase
    this.#responseHeaders = headers
  }

  /** Forgets the response, before the next attempt. */
  cleanupResponse(): void {
    this.statusCode = 0
    this.reasonPhrase = ''
    this.#responseHeaders = null
    this.isConnectionReused = false
    this.responseTrailers = null
  }
}
