// One gnutls_session_t with the ciphertext that waits on either side of it; knows no sockets and no promises.
// The handshake and the data stream feed it and carry away what it wants sent.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (push and pull functions).

import type { TlsProtocolVersion } from '@wpe-networking/glib-networking-base'
import { setupError, type GnutlsFailure } from './errors.ts'
import type { GnutlsRuntime, SessionCallbacks } from './gnutls-runtime.ts'
import {
  EAGAIN,
  GNUTLS_CRD_CERTIFICATE,
  GNUTLS_DT_KEY_PURPOSE_OID,
  GNUTLS_E_INVALID_SESSION,
  GNUTLS_E_SHORT_MEMORY_BUFFER,
  GNUTLS_NAME_DNS,
  GNUTLS_NONBLOCK,
  GNUTLS_SFLAGS_SESSION_TICKET,
  GNUTLS_SHUT_WR,
  type Datum,
  type LibGnutls,
  type Pointer,
  type RawDatum,
} from './libgnutls.ts'

/** Room a record needs beyond its content: header, nonce, padding and tag of any cipher suite. */
const RECORD_OVERHEAD_BYTES = 256
/** Session data is a ticket, some secrets and the peer's chain; anything larger is not worth keeping. */
const MAXIMUM_SESSION_DATA_BYTES = 65_536

/** An array of bytes as GnuTLS takes it. Valid for the call it is passed to. */
export function datum(data: Uint8Array): Datum {
  return { data, size: data.byteLength }
}

export class GnutlsSession implements SessionCallbacks {
  protected readonly lib: LibGnutls
  readonly #runtime: GnutlsRuntime
  protected readonly handle: Pointer
  readonly #id: number
  /** Calls into the library under way. User code run by `verify` may close the session; the handle must outlive them. */
  #depth = 0
  #closed = false

  /** Received ciphertext not pulled yet, oldest first, and how far into the first chunk it has been pulled. */
  readonly #incoming: Buffer[] = []
  #incomingOffset = 0
  #incomingBytes = 0
  #ended = false
  #firstByte = -1

  /** Ciphertext to send: full chunks, and the one being filled. */
  #outgoing: Buffer[] = []
  #filling: Buffer | null = null
  #filled = 0
  #expectedBytes = 0

  /** Asked, inside `handshake`, whether the peer's certificate will do. Must not throw. */
  onVerify: (() => boolean) | null = null
  /** Called once the handle is freed, when what it referred to may be freed too. */
  onFree: (() => void) | null = null

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

  /** Frees the handle now, or as soon as the library has returned when called from inside `verify`. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#incoming.length = 0
    this.#incomingBytes = 0
    this.#outgoing = []
    this.#filling = null
    if (this.#depth === 0) this.#free()
  }

  #free(): void {
    this.lib.gnutls_deinit(this.handle)
    this.#runtime.leave(this.#id)
    this.onFree?.()
  }

  #leave(): void {
    if (--this.#depth === 0 && this.#closed) this.#free()
  }

  // Setting up, before the handshake

  setPriority(priority: Pointer): void {
    this.#check(this.lib.gnutls_priority_set(this.handle, priority))
  }

  /** The credentials must stay allocated until this session is closed. */
  setCredentials(credentials: Pointer): void {
    this.#check(this.lib.gnutls_credentials_set(this.handle, GNUTLS_CRD_CERTIFICATE, credentials))
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

  #check(code: number): void {
    if (code < 0) throw setupError('GnuTLS refused a setting', this.lib.gnutls_strerror(code))
  }

  // The connection. Results below zero are GNUTLS_E_ numbers.

  handshake(): number {
    if (this.#closed) return GNUTLS_E_INVALID_SESSION
    this.#depth++
    try {
      return this.lib.gnutls_handshake(this.handle)
    } finally {
      this.#leave()
    }
  }

  /** Decrypts into `target`; 0 is the peer's close_notify. */
  receive(target: Uint8Array): number {
    if (this.#closed) return GNUTLS_E_INVALID_SESSION
    this.#depth++
    try {
      return this.lib.gnutls_record_recv(this.handle, target, target.byteLength)
    } finally {
      this.#leave()
    }
  }

  /** Encrypts at most one record of `data` and says how many bytes that were. */
  send(data: Uint8Array): number {
    if (this.#closed) return GNUTLS_E_INVALID_SESSION
    this.#depth++
    try {
      return this.lib.gnutls_record_send(this.handle, data, data.byteLength)
    } finally {
      this.#leave()
    }
  }

  /** Says close_notify. */
  bye(): number {
    return this.#closed ? GNUTLS_E_INVALID_SESSION : this.lib.gnutls_bye(this.handle, GNUTLS_SHUT_WR)
  }

  sendAlert(level: number, alert: number): void {
    if (!this.#closed) this.lib.gnutls_alert_send(this.handle, level, alert)
  }

  /** The alert RFC 8446 section 6.2 wants for a failure of this side, if any. */
  sendAlertFor(code: number): void {
    if (!this.#closed) this.lib.gnutls_alert_send_appropriate(this.handle, code)
  }

  isFatal(code: number): boolean {
    return this.lib.gnutls_error_is_fatal(code) !== 0
  }

  describe(code: number): GnutlsFailure {
    const alert = this.#closed ? 0 : this.lib.gnutls_alert_get(this.handle)
    return {
      code,
      description: this.lib.gnutls_strerror(code),
      alert,
      alertName: this.lib.gnutls_alert_get_name(alert) ?? String(alert),
      // Record types 20 to 23, RFC 8446 section 5.1; a peer that said nothing has not said anything else either.
      peerSpeaksTls: this.#firstByte === -1 || (this.#firstByte >= 20 && this.#firstByte <= 23),
    }
  }

  // What was agreed, after the handshake

  get protocolVersion(): TlsProtocolVersion {
    // GTlsProtocolVersion was given gnutls_protocol_t's numbers.
    return this.lib.gnutls_protocol_get_version(this.handle) as TlsProtocolVersion
  }

  get ciphersuiteName(): string {
    return this.lib.gnutls_ciphersuite_get(this.handle) ?? 'unknown'
  }

  get negotiatedProtocol(): string | null {
    const protocol: RawDatum = {}
    if (this.lib.gnutls_alpn_get_selected_protocol(this.handle, protocol) < 0) return null
    return this.lib.copyDatum(protocol).toString('latin1')
  }

  get resumed(): boolean {
    return this.lib.gnutls_session_is_resumed(this.handle) !== 0
  }

  /** The peer's chain in DER, leaf first; empty when it sent none. */
  get peerCertificates(): readonly Buffer[] {
    const count: [number] = [0]
    const array = this.lib.gnutls_certificate_get_peers(this.handle, count)
    return array === null ? [] : this.lib.copyDatums(array, count[0])
  }

  /**
   * `gnutls_certificate_status_t` of the peer's chain against the credentials' anchors, for an extended key usage.
   *
   * @throws {TlsError} `MISC` when GnuTLS reached no verdict.
   */
  verifyPeers(keyPurpose: string): number {
    const purpose = Buffer.from(`${keyPurpose}\0`, 'ascii')
    const status: [number] = [0]
    const data = [{ type: GNUTLS_DT_KEY_PURPOSE_OID, ...datum(purpose) }]
    const code = this.lib.gnutls_certificate_verify_peers(this.handle, data, 1, status)
    if (code < 0) throw setupError('GnuTLS could not verify the certificate', this.lib.gnutls_strerror(code))
    return status[0]
  }

  /** Whether the server has sent a ticket (TLS 1.3 sends it after the handshake). */
  get ticketReceived(): boolean {
    return !this.#closed && (this.lib.gnutls_session_get_flags(this.handle) & GNUTLS_SFLAGS_SESSION_TICKET) !== 0
  }

  /** What {@link offerSession} takes on a later connection, or null when there is nothing to resume. */
  sessionData(): Buffer | null {
    if (this.#closed) return null
    const size: [number] = [0]
    const code = this.lib.gnutls_session_get_data(this.handle, null, size)
    if ((code < 0 && code !== GNUTLS_E_SHORT_MEMORY_BUFFER) || size[0] <= 0 || size[0] > MAXIMUM_SESSION_DATA_BYTES) {
      return null
    }
    const data = Buffer.alloc(size[0])
    return this.lib.gnutls_session_get_data(this.handle, data, size) < 0 ? null : data.subarray(0, size[0])
  }

  // Ciphertext

  /** Adds received ciphertext. `data` must not be changed afterwards. */
  feed(data: Buffer): void {
    if (this.#closed || data.length === 0) return
    if (this.#firstByte === -1) this.#firstByte = data[0] ?? -1
    this.#incoming.push(data)
    this.#incomingBytes += data.length
  }

  /** Nothing more will be fed. */
  feedEnd(): void {
    this.#ended = true
  }

  /** No decryption can yield more than this without more ciphertext. */
  get readableBytes(): number {
    return this.#closed ? 0 : this.#incomingBytes + this.lib.gnutls_record_check_pending(this.handle)
  }

  /** Announces content to be sent, so that its records end up in one chunk. */
  expect(contentBytes: number, records: number): void {
    this.#expectedBytes = contentBytes + records * RECORD_OVERHEAD_BYTES
  }

  /** Takes what is to be written to the peer, in order. */
  takeOutgoing(): Buffer[] {
    this.#seal()
    const outgoing = this.#outgoing
    if (outgoing.length > 0) this.#outgoing = []
    return outgoing
  }

  #seal(): void {
    if (this.#filling !== null && this.#filled > 0) this.#outgoing.push(this.#filling.subarray(0, this.#filled))
    this.#filling = null
    this.#filled = 0
    this.#expectedBytes = 0
  }

  /** Called by the library with bytes to send. */
  push(data: Pointer, size: number): number {
    if (this.#filling === null || this.#filling.length - this.#filled < size) {
      const expected = this.#expectedBytes - this.#filled
      this.#seal()
      this.#filling = Buffer.allocUnsafe(Math.max(size, expected))
    }
    this.lib.copyOut(this.#filling.subarray(this.#filled), data, size)
    this.#filled += size
    return size
  }

  /** Called by the library for at most `size` bytes of ciphertext. */
  pull(data: Pointer, size: number): number {
    const chunk = this.#incoming[0]
    if (chunk === undefined) {
      if (this.#ended) return 0
      this.lib.gnutls_transport_set_errno(this.handle, EAGAIN)
      return -1
    }
    const offset = this.#incomingOffset
    const count = Math.min(size, chunk.length - offset)
    this.lib.copyIn(data, offset === 0 ? chunk : chunk.subarray(offset), count)
    this.#incomingBytes -= count
    if (offset + count === chunk.length) {
      this.#incoming.shift()
      this.#incomingOffset = 0
    } else {
      this.#incomingOffset = offset + count
    }
    return count
  }

  canPull(): boolean {
    return this.#incoming.length > 0
  }

  /** Called by the library when the peer has sent its certificate; anything but 0 ends the handshake. */
  verify(): number {
    return this.onVerify === null || this.onVerify() ? 0 : -1
  }
}
