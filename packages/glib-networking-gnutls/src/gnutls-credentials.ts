// Anchors and own certificate as GnuTLS wants them, parsed once and shared by every connection that uses the same ones.
// TlsConnectionGnutls acquires them for a handshake and releases them when its session is freed.
// Upstream: glib-networking/tls/gnutls/gtlsdatabase-gnutls.c (g_tls_database_gnutls_get_credentials).

import { TlsError, type TlsCertificate, type TlsDatabase } from '@wpe-networking/glib-networking-base'
import { setupError } from './errors.ts'
import type { GnutlsRuntime } from './gnutls-runtime.ts'
import { datum } from './gnutls-session-handle.ts'
import { GNUTLS_X509_FMT_PEM, type Pointer, type RawDatum } from './libgnutls.ts'

/** Credentials nobody uses at the moment but that are kept, because the next connection mostly wants the same. */
const MAXIMUM_IDLE_CREDENTIALS = 8

/** One gnutls_certificate_credentials_t. */
export class GnutlsCredentials {
  readonly handle: Pointer
  readonly database: TlsDatabase | null
  readonly certificate: TlsCertificate | null
  readonly #runtime: GnutlsRuntime
  #ticketKey: Buffer | null = null
  /** Connections using it. Changed by {@link GnutlsCredentialsCache} alone. */
  users = 0

  /**
   * @param database Trusted anchors; null for a server that asks for no certificate.
   * @param certificate One's own, with private key and chain.
   * @throws {TlsError} `BAD_CERTIFICATE` when GnuTLS cannot use the certificate or its key.
   */
  constructor(runtime: GnutlsRuntime, database: TlsDatabase | null, certificate: TlsCertificate | null) {
    const { lib } = runtime
    const out: [Pointer | null] = [null]
    const code = lib.gnutls_certificate_allocate_credentials(out)
    if (code < 0 || out[0] === null) throw setupError('GnuTLS made no credentials', lib.gnutls_strerror(code))
    this.handle = out[0]
    this.database = database
    this.certificate = certificate
    this.#runtime = runtime
    runtime.credentials++
    try {
      if (database !== null) this.#trust(database)
      if (certificate !== null) this.#present(certificate)
    } catch (error) {
      this.free()
      throw error
    }
  }

  /** Anchors GnuTLS cannot parse are left out, as every TLS library does with a system's bundle. */
  #trust(database: TlsDatabase): void {
    if (database.anchorsPem.length === 0) return
    const anchors = datum(Buffer.from(database.anchorsPem.join('\n'), 'latin1'))
    this.#runtime.lib.gnutls_certificate_set_x509_trust_mem(this.handle, anchors, GNUTLS_X509_FMT_PEM)
  }

  #present(certificate: TlsCertificate): void {
    if (certificate.privateKeyPem === null) {
      throw new TlsError('BAD_CERTIFICATE', 'The certificate to present has no private key.')
    }
    const chain = datum(Buffer.from(certificate.chainPem, 'latin1'))
    const key = datum(Buffer.from(certificate.privateKeyPem, 'latin1'))
    const { lib } = this.#runtime
    const code = lib.gnutls_certificate_set_x509_key_mem(this.handle, chain, key, GNUTLS_X509_FMT_PEM)
    if (code < 0) {
      throw new TlsError('BAD_CERTIFICATE', 'GnuTLS cannot use the certificate with its private key.', {
        cause: new Error(`GnuTLS error ${code}: ${lib.gnutls_strerror(code)}`),
      })
    }
    // Each session has its own answer; mostly that there is none.
    lib.gnutls_certificate_set_ocsp_status_request_function(this.handle, this.#runtime.staple, null)
  }

  /** The key that encrypts this server certificate's session tickets; made at the first call, the same ever after. */
  get ticketKey(): Buffer {
    if (this.#ticketKey === null) {
      const { lib } = this.#runtime
      const key: RawDatum = {}
      const code = lib.gnutls_session_ticket_key_generate(key)
      if (code < 0) throw setupError('GnuTLS made no ticket key', lib.gnutls_strerror(code))
      this.#ticketKey = lib.copyDatum(key)
      lib.free(key)
    }
    return this.#ticketKey
  }

  /** To be called once, when no session uses the handle any more. */
  free(): void {
    this.#ticketKey?.fill(0)
    this.#runtime.lib.gnutls_certificate_free_credentials(this.handle)
    this.#runtime.credentials--
  }
}

/** Hands out credentials by identity of database and certificate; idle ones are kept, the least recently used go first. */
export class GnutlsCredentialsCache {
  readonly #runtime: GnutlsRuntime
  /** Least recently used first. A handful, so a linear search is cheaper than a nested map. */
  readonly #entries: GnutlsCredentials[] = []

  constructor(runtime: GnutlsRuntime) {
    this.#runtime = runtime
  }

  /** To be matched by one {@link release}. */
  acquire(database: TlsDatabase | null, certificate: TlsCertificate | null): GnutlsCredentials {
    const index = this.#entries.findIndex((entry) => entry.database === database && entry.certificate === certificate)
    const entry =
      index === -1
        ? new GnutlsCredentials(this.#runtime, database, certificate)
        : (this.#entries.splice(index, 1)[0] as GnutlsCredentials)
    this.#entries.push(entry)
    entry.users++
    return entry
  }

  release(credentials: GnutlsCredentials): void {
    credentials.users--
    this.#trim(MAXIMUM_IDLE_CREDENTIALS)
  }

  /** Frees what no connection uses. */
  releaseIdle(): void {
    this.#trim(0)
  }

  #trim(keep: number): void {
    let idle = this.#entries.filter(({ users }) => users === 0).length
    for (let index = 0; idle > keep && index < this.#entries.length;) {
      const entry = this.#entries[index] as GnutlsCredentials
      if (entry.users > 0) {
        index++
      } else {
        this.#entries.splice(index, 1)
        entry.free()
        idle--
      }
    }
  }
}
