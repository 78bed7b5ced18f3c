// A GnuTLS session that is set up: its handshake, its records, what was agreed; knows no sockets and no promises.
// The handshake and the data stream feed it ciphertext and carry away what it wants sent.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (handshake, read, write and close).

import type { TlsProtocolVersion } from '@wpe-networking/glib-networking-base'
import { setupError, type GnutlsFailure } from './errors.ts'
import type { GnutlsRuntime } from './gnutls-runtime.ts'
import { datum, GnutlsSessionHandle } from './gnutls-session-handle.ts'
import { IncomingCiphertext } from './incoming-ciphertext.ts'
import {
  EAGAIN,
  GNUTLS_DT_KEY_PURPOSE_OID,
  GNUTLS_E_INVALID_SESSION,
  GNUTLS_E_SHORT_MEMORY_BUFFER,
  GNUTLS_SHUT_WR,
  GNUTLS_VERIFY_DO_NOT_ALLOW_UNSORTED_CHAIN,
  GNUTLS_VERIFY_PROFILE_MEDIUM,
  type Pointer,
  type RawDatum,
  type TypedVdata,
} from './libgnutls.ts'
import { OutgoingCiphertext } from './outgoing-ciphertext.ts'

/** Room a record needs beyond its content: header, nonce, padding and tag of any cipher suite. */
const RECORD_OVERHEAD_BYTES = 256
/** Session data is a ticket, some secrets and the peer's chain; anything larger is not worth keeping. */
const MAXIMUM_SESSION_DATA_BYTES = 65_536

export { datum } from './gnutls-session-handle.ts'

export class GnutlsSession extends GnutlsSessionHandle {
  readonly #incoming: IncomingCiphertext
  readonly #outgoing: OutgoingCiphertext

  /** @throws {TlsError} `MISC` when the library has no memory for another session. */
  constructor(runtime: GnutlsRuntime, flags: number) {
    super(runtime, flags)
    this.#incoming = new IncomingCiphertext(runtime.lib)
    this.#outgoing = new OutgoingCiphertext(runtime.lib)
  }

  override close(): void {
    this.#incoming.clear()
    this.#outgoing.clear()
    super.close()
  }

  // The connection. Results below zero are GNUTLS_E_ numbers.

  handshake(): number {
    if (this.closed) return GNUTLS_E_INVALID_SESSION
    this.enter()
    try {
      return this.lib.gnutls_handshake(this.handle)
    } finally {
      this.leave()
    }
  }

  /** Decrypts into `target`; 0 is the peer's close_notify. */
  receive(target: Uint8Array): number {
    if (this.closed) return GNUTLS_E_INVALID_SESSION
    this.enter()
    try {
      return this.lib.gnutls_record_recv(this.handle, target, target.byteLength)
    } finally {
      this.leave()
    }
  }

  /** Encrypts at most one record of `data` and says how many bytes that were. */
  send(data: Uint8Array): number {
    if (this.closed) return GNUTLS_E_INVALID_SESSION
    this.enter()
    try {
      return this.lib.gnutls_record_send(this.handle, data, data.byteLength)
    } finally {
      this.leave()
    }
  }

  /** Says close_notify. */
  bye(): number {
    return this.closed ? GNUTLS_E_INVALID_SESSION : this.lib.gnutls_bye(this.handle, GNUTLS_SHUT_WR)
  }

  sendAlert(level: number, alert: number): void {
    if (!this.closed) this.lib.gnutls_alert_send(this.handle, level, alert)
  }

  /** The alert RFC 8446 section 6.2 wants for a failure of this side, if any. */
  sendAlertFor(code: number): void {
    if (!this.closed) this.lib.gnutls_alert_send_appropriate(this.handle, code)
  }

  isFatal(code: number): boolean {
    return this.lib.gnutls_error_is_fatal(code) !== 0
  }

  describe(code: number): GnutlsFailure {
    const alert = this.closed ? 0 : this.lib.gnutls_alert_get(this.handle)
    return {
      code,
      description: this.lib.gnutls_strerror(code),
      alert,
      alertName: this.lib.gnutls_alert_get_name(alert) ?? String(alert),
      peerSpeaksTls: this.#incoming.startsLikeTls,
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

  /** The DER OCSP response the server stapled for its own certificate, or null. */
  get stapledResponse(): Buffer | null {
    const response: RawDatum = {}
    if (this.lib.gnutls_ocsp_status_request_get(this.handle, response) < 0) return null
    return this.lib.copyDatum(response)
  }

  /** The bytes of a `gnutls_channel_binding_t`, or a `GNUTLS_E_` number. */
  channelBinding(type: number): Buffer | number {
    if (this.closed) return GNUTLS_E_INVALID_SESSION
    const binding: RawDatum = {}
    const code = this.lib.gnutls_session_channel_binding(this.handle, type, binding)
    if (code < 0) return code
    const data = this.lib.copyDatum(binding)
    this.lib.free(binding)
    return data
  }

  /**
   * `gnutls_certificate_status_t` of the peer's chain against the credentials' anchors, for an extended key usage.
   *
   * @throws {TlsError} `MISC` when GnuTLS reached no verdict.
   */
  verifyPeers(keyPurpose: string): number {
    const status: [number] = [0]
    const data = [keyPurposeData(keyPurpose)]
    const code = this.lib.gnutls_certificate_verify_peers(this.handle, data, 1, status)
    if (code < 0) throw setupError('GnuTLS could not verify the certificate', this.lib.gnutls_strerror(code))
    return status[0]
  }

  /**
   * `gnutls_certificate_status_t` of one path, from the leaf up, against the credentials' anchors.
   *
   * @param path `gnutls_x509_crt_t`s.
   * @throws {TlsError} `MISC` when GnuTLS reached no verdict.
   */
  verifyPath(path: readonly Pointer[], keyPurpose: string): number {
    const { lib } = this
    const list: [Pointer | null] = [null]
    if (this.credentials !== null) lib.gnutls_certificate_get_trust_list(this.credentials, list)
    if (list[0] === null) throw setupError('GnuTLS could not verify the certificate', 'There are no anchors.')
    const status: [number] = [0]
    const flags = GNUTLS_VERIFY_DO_NOT_ALLOW_UNSORTED_CHAIN | GNUTLS_VERIFY_PROFILE_MEDIUM
    const data = [keyPurposeData(keyPurpose)]
    const code = lib.gnutls_x509_trust_list_verify_crt2(list[0], [...path], path.length, data, 1, flags, status, null)
    if (code < 0) throw setupError('GnuTLS could not verify the certificate', lib.gnutls_strerror(code))
    return status[0]
  }

  /** What {@link offerSession} takes on a later connection, or null when there is nothing to resume. */
  sessionData(): Buffer | null {
    if (this.closed) return null
    const size: [number] = [0]
    const code = this.lib.gnutls_session_get_data(this.handle, null, size)
    if ((code < 0 && code !== GNUTLS_E_SHORT_MEMORY_BUFFER) || size[0] <= 0 || size[0] > MAXIMUM_SESSION_DATA_BYTES) {
      return null
    }
    const data = Buffer.alloc(size[0])
    return this.lib.gnutls_session_get_data(this.handle, data, size) < 0 ? null : data.subarray(0, size[0])
  }

  // Ciphertext

  /** Adds received ciphertext. What has not been pulled of `data` must not be changed. */
  feed(data: Buffer): void {
    if (!this.closed) this.#incoming.add(data)
  }

  /** Nothing more will be fed. */
  feedEnd(): void {
    this.#incoming.end()
  }

  /** No decryption can yield more than this without more ciphertext. */
  get readableBytes(): number {
    return this.closed ? 0 : this.#incoming.bytes + this.lib.gnutls_record_check_pending(this.handle)
  }

  /** The chunk of ciphertext that is being pulled, or comes next. */
  get frontCiphertext(): Buffer | null {
    return this.#incoming.front
  }

  /** How much of `chunk`, which was at the front, the library has taken. */
  consumedOf(chunk: Buffer): number {
    return this.#incoming.consumedOf(chunk)
  }

  /** Announces content to be sent, so that its records end up in one chunk. */
  expect(contentBytes: number, records: number): void {
    this.#outgoing.expect(contentBytes + records * RECORD_OVERHEAD_BYTES)
  }

  /** How much is to be written to the peer. */
  get outgoingBytes(): number {
    return this.#outgoing.bytes
  }

  /** Takes what is to be written to the peer, in order. */
  takeOutgoing(): Buffer[] {
    return this.#outgoing.take()
  }

  override push(data: Pointer, size: number): number {
    return this.#outgoing.push(data, size)
  }

  override pull(data: Pointer, size: number): number {
    const count = this.#incoming.pull(data, size)
    if (count > 0 || this.#incoming.ended) return count
    this.lib.gnutls_transport_set_errno(this.handle, EAGAIN)
    return -1
  }

  override canPull(): boolean {
    return this.#incoming.bytes > 0 || this.#incoming.ended
  }
}

function keyPurposeData(keyPurpose: string): TypedVdata {
  return { type: GNUTLS_DT_KEY_PURPOSE_OID, ...datum(Buffer.from(`${keyPurpose}\0`, 'ascii')) }
}
