// The client's side of a TLS connection: SNI, the server's identity, and resumption of earlier sessions.
// Upstream: glib-networking/tls/gnutls/gtlsclientconnection-gnutls.c.

import type { Duplex } from 'node:stream'
import {
  serverNameOf,
  TlsDatabase,
  TlsProtocolVersion,
  type TlsCertificate,
  type TlsClientConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { acceptedCasOf } from './certificate-request/accepted-cas.ts'
import { CertificateRequestGate } from './certificate-request/certificate-request-gate.ts'
import type { GnutlsCredentials } from './gnutls-credentials.ts'
import type { GnutlsSession } from './gnutls-session.ts'
import { GNUTLS_CLIENT, GNUTLS_FORCE_CLIENT_CERT, GNUTLS_KP_TLS_WWW_SERVER } from './libgnutls.ts'
import type { SessionKey } from './session-cache.ts'
import { TlsConnectionGnutls, type TlsBackendContext } from './tls-connection-gnutls.ts'

export class TlsClientConnectionGnutls extends TlsConnectionGnutls {
  readonly #options: TlsClientConnectionOptions
  protected override readonly database: TlsDatabase
  /** Aborted when nobody waits for a certificate any more; null while none is asked for. */
  #asking: AbortController | null = null
  #acceptedCas: readonly Uint8Array[] = []
  #sessionKey: SessionKey | null = null

  constructor(context: TlsBackendContext, baseIoStream: Duplex, options: TlsClientConnectionOptions) {
    super(context, baseIoStream, options, 'client', options.serverIdentity)
    this.#options = options
    this.database = options.database ?? TlsDatabase.getDefault()
  }

  protected override get flags(): number {
    // A server that asks gets the certificate, whatever issuers it lists: what OpenSSL does, and the caller wanted.
    return GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT
  }

  protected override get peerKeyPurpose(): string {
    return GNUTLS_KP_TLS_WWW_SERVER
  }

  protected override get peerMayBeAnonymous(): boolean {
    return false
  }

  protected override get serverCertificate(): TlsCertificate | null {
    return null
  }

  protected override get acceptedCas(): readonly Uint8Array[] {
    return this.#acceptedCas
  }

  protected override acquireCredentials(): GnutlsCredentials {
    return this.context.credentials.acquire(this.database, this.#options.certificate ?? null)
  }

  protected override configure(session: GnutlsSession): void {
    const { serverIdentity, advertisedProtocols = [] } = this.#options
    const name = serverNameOf(serverIdentity)
    if (name !== null) session.setServerName(name)
    session.setAlpnProtocols(advertisedProtocols, 0)
    session.notifyMessages()
    session.onCertificateRequest = (message) => {
      this.#acceptedCas = acceptedCasOf(message, session.protocolVersion === TlsProtocolVersion.TLS_1_3)
    }
    this.#sessionKey = this.#keyOfSession()
    const earlier = this.#sessionKey === null ? null : this.context.sessions.take(this.#sessionKey)
    if (earlier !== null) session.offerSession(earlier)
  }

  protected override createGate(session: GnutlsSession): CertificateRequestGate | null {
    if (this.#options.interaction === undefined || this.#options.certificate !== undefined) return null
    const gate = new CertificateRequestGate((acceptedCas) => {
      this.#ask(gate, acceptedCas).catch((error: unknown) => this.abandon(error))
    })
    session.notifySecrets()
    session.onSecret = (label, secret) => {
      if (label === 'SERVER_HANDSHAKE_TRAFFIC_SECRET') gate.useSecret(secret)
    }
    return gate
  }

  async #ask(gate: CertificateRequestGate, acceptedCas: readonly Uint8Array[]): Promise<void> {
    const { serverIdentity, interaction } = this.#options
    const asking = new AbortController()
    this.#asking = asking
    const certificate = await interaction?.requestCertificate(
      { serverIdentity, acceptedCas },
      { signal: asking.signal },
    )
    this.#asking = null
    if (asking.signal.aborted) return
    const credentials = certificate ? this.context.credentials.acquire(this.database, certificate) : null
    gate.open()
    this.proceed(credentials)
  }

  protected override closed(reason: unknown): void {
    this.#asking?.abort(reason)
    this.#asking = null
  }

  /** Without an identity nobody can tell whose session it is. */
  #keyOfSession(): SessionKey | null {
    const { serverIdentity, advertisedProtocols = [], certificate, interaction } = this.#options
    if (serverIdentity === null) return null
    return JSON.stringify([
      serverIdentity,
      advertisedProtocols,
      this.minimumVersion,
      this.maximumVersion,
      numberOf(this.database),
      certificate === undefined ? 0 : numberOf(certificate),
      interaction === undefined ? 0 : numberOf(interaction),
    ])
  }

  protected override handshaked(session: GnutlsSession): void {
    // In TLS 1.3 there is nothing to resume before the server's tickets come.
    if (session.protocolVersion === TlsProtocolVersion.TLS_1_3) session.onTicket = () => this.#keepTicket(session)
    else this.#keepSession(session)
  }

  #keepSession(session: GnutlsSession): void {
    const data = this.#sessionKey === null ? null : session.sessionData()
    if (data !== null && this.#sessionKey !== null) this.context.sessions.storeSession(this.#sessionKey, data)
  }

  #keepTicket(session: GnutlsSession): void {
    const ticket = this.#sessionKey === null ? null : session.sessionData()
    if (ticket !== null && this.#sessionKey !== null) this.context.sessions.storeTicket(this.#sessionKey, ticket)
  }
}

const numbers = new WeakMap<object, number>()
let lastNumber = 0

/** A number by which to tell objects apart in a string. */
function numberOf(object: object): number {
  let number = numbers.get(object)
  if (number === undefined) numbers.set(object, (number = ++lastNumber))
  return number
}
