// One gnutls_session_t: made, set up and freed. What can be done with it once it is set up is GnutlsSession's.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (initable_init, finalize).

import { setupError } from './errors.ts'
import type { GnutlsRuntime, SessionCallbacks } from './gnutls-runtime.ts'
import {
  GNUTLS_CRD_CERTIFICATE,
  GNUTLS_HANDSHAKE_ANY,
  GNUTLS_HOOK_POST,
  GNUTLS_NAME_DNS,
  GNUTLS_NONBLOCK,
  type Datum,
  type LibGnutls,
  type Pointer,
} from './libgnutls.ts'

/** An array of bytes as GnuTLS takes it. Valid for the call it is passed to. */
export function datum(data: Uint8Array): Datum {
  return { data, size: data.byteLength }
}

export abstract class GnutlsSessionHandle implements SessionCallbacks {
  protected readonly lib: LibGnutls
  protected readonly handle: Pointer
  /** As set last. */
  protected credentials: Pointer | null = null
  readonly #runtime: GnutlsRuntime
  readonly #id: number
  /** Calls into the library under way. User code run by a callback may close the session; the handle must outlive them. */
  #depth = 0
  #closed = false

  /** Asked, inside `handshake`, whether the peer's certificate will do. Must not throw. */
  onVerify: (() => boolean) | null = null
  /** Told, inside `handshake`, that the server wants a certificate; see {@link notifyMessages}. */
  onCertificateRequest: ((message: Buffer) => void) | null = null
  /** Told of each ticket the server sends, inside `handshake` or `receive`; see {@link notifyMessages}. */
  onTicket: (() => void) | null = null
  /** Told, inside `handshake`, of each secret; see {@link notifySecrets}. */
  onSecret: ((label: string, secret: Buffer) => void) | null = null
  /** Called once the handle is freed, when what it referred to may be freed too. */
  onFree: (() => void) | null = null
  /** What a server staples for clients that ask. */
  ocspResponse: Uint8Array | null = null

  /** @throws {TlsError} `MISC` when the library has no memory for another session. */
  constructor(runtime: GnutlsRuntime, flags: number) {
    this.#runtime = runtime
    this.lib = runtime.lib
    const out: [Pointer | null] = [null]
    const code = this.lib.gnutls_init(out, flags | GNUTLS_NONBLOCK)
    if (code < 0 || out[0] === null) throw setupError('GnuTLS made no session', this.lib.gnutls_strerror(code))
    this.handle = out[0]
    this.#id = runtime.enter(this)
    this.lib.gnutls_transport_set_ptr(this.handle, this.#id)
    this.lib.gnutls_transport_set_push_function(this.handle, runtime.push)
    this.lib.gnutls_transport_set_pull_function(this.handle, runtime.pull)
    this.lib.gnutls_session_set_verify_function(this.handle, runtime.verify)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Frees the handle now, or as soon as the library has returned when called from inside a callback. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#depth === 0) this.#free()
  }

  #free(): void {
    this.lib.gnutls_deinit(this.handle)
    this.#runtime.leave(this.#id)
    this.onFree?.()
  }

  /** Brackets a call of the library that may call back: the handle stays until the matching {@link leave}. */
  protected enter(): void {
    this.#depth++
  }

  protected leave(): void {
    if (--this.#depth === 0 && this.#closed) this.#free()
  }

  // Setting up, before the handshake

  setPriority(priority: Pointer): void {
    this.#check(this.lib.gnutls_priority_set(this.handle, priority))
  }

  /** The credentials must stay allocated until this session is closed. Others may take their place in the handshake. */
  setCredentials(credentials: Pointer): void {
    this.#check(this.lib.gnutls_credentials_set(this.handle, GNUTLS_CRD_CERTIFICATE, credentials))
    this.credentials = credentials
  }

  /** SNI, RFC 6066 section 3. */
  setServerName(name: string): void {
    const bytes = Buffer.from(name, 'ascii')
    this.#check(this.lib.gnutls_server_name_set(this.handle, GNUTLS_NAME_DNS, bytes, bytes.length))
  }

  /** ALPN, RFC 7301, most wanted first. */
  setAlpnProtocols(protocols: readonly string[], flags: number): void {
    const list = protocols.map((protocol) => datum(Buffer.from(protocol, 'latin1')))
    if (list.length > 0) this.#check(this.lib.gnutls_alpn_set_protocols(this.handle, list, list.length, flags))
  }

  requestCertificate(request: number): void {
    this.lib.gnutls_certificate_server_set_request(this.handle, request)
  }

  enableTickets(key: Uint8Array): void {
    this.#check(this.lib.gnutls_session_ticket_enable_server(this.handle, datum(key)))
  }

  /** Offers to resume. Data that is too old or not understood is left out silently: a full handshake follows. */
  offerSession(data: Uint8Array): void {
    this.lib.gnutls_session_set_data(this.handle, data, data.byteLength)
  }

  /** Has `onCertificateRequest` and `onTicket` called. */
  notifyMessages(): void {
    const { hook } = this.#runtime
    this.lib.gnutls_handshake_set_hook_function(this.handle, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_POST, hook)
  }

  /** Has `onSecret` called. */
  notifySecrets(): void {
    this.lib.gnutls_session_set_keylog_function(this.handle, this.#runtime.keylog)
  }

  #check(code: number): void {
    if (code < 0) throw setupError('GnuTLS refused a setting', this.lib.gnutls_strerror(code))
  }

  // Called by the library

  /** With bytes to send. */
  abstract push(data: Pointer, size: number): number
  /** For at most `size` bytes of ciphertext. */
  abstract pull(data: Pointer, size: number): number
  abstract canPull(): boolean

  /** When the peer has sent its certificate; anything but 0 ends the handshake. */
  verify(): number {
    return this.onVerify === null || this.onVerify() ? 0 : -1
  }

  certificateRequested(message: Buffer): void {
    this.onCertificateRequest?.(message)
  }

  ticketReceived(): void {
    this.onTicket?.()
  }

  secretDerived(label: string, secret: Buffer): void {
    this.onSecret?.(label, secret)
    secret.fill(0)
  }
}
