// A gnutls_session_t over datagrams: each push is one datagram out, each pull one datagram in, and GnuTLS keeps the time.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (the datagram push and pull functions). RFC 6347.

import type { DtlsAcceptedCookie } from '@wpe-networking/glib-networking-base'
import type { GnutlsRuntime } from '../gnutls-runtime.ts'
import { GnutlsSession } from '../gnutls-session.ts'
import { EAGAIN, GNUTLS_DATAGRAM, type Pointer } from '../libgnutls.ts'

/** Received datagrams that may wait; more are dropped, as a network does. A flight of a handshake has a dozen at most. */
const MAXIMUM_WAITING_DATAGRAMS = 256

export interface DtlsSessionOptions {
  /** Bytes. */
  readonly mtu: number
  readonly retransmissionTimeoutMs: number
  readonly handshakeTimeoutMs: number
}

export class DtlsSession extends GnutlsSession {
  readonly #incoming: Buffer[] = []
  #outgoing: Buffer[] = []

  /** @throws {TlsError} `MISC` when the library has no memory for another session. */
  constructor(runtime: GnutlsRuntime, flags: number, options: DtlsSessionOptions) {
    super(runtime, flags | GNUTLS_DATAGRAM)
    this.lib.gnutls_transport_set_pull_timeout_function(this.handle, runtime.pullTimeout)
    this.lib.gnutls_dtls_set_mtu(this.handle, options.mtu)
    this.lib.gnutls_dtls_set_timeouts(this.handle, options.retransmissionTimeoutMs, options.handshakeTimeoutMs)
  }

  /** Takes up a handshake where the exchange of cookies left it. */
  continueAfter(cookie: DtlsAcceptedCookie): void {
    this.lib.gnutls_dtls_prestate_set(this.handle, {
      record_seq: cookie.recordSequence,
      hsk_read_seq: cookie.handshakeReadSequence,
      hsk_write_seq: cookie.handshakeWriteSequence,
    })
  }

  /** How long to wait for the peer before `handshake` is to be called again all the same, in milliseconds. */
  get retransmissionDelayMs(): number {
    return this.lib.gnutls_dtls_get_timeout(this.handle)
  }

  /** Bytes of application data one datagram has room for. */
  get maximumMessageBytes(): number {
    return this.closed ? 0 : this.lib.gnutls_dtls_get_data_mtu(this.handle)
  }

  override feed(datagram: Buffer): void {
    if (!this.closed && this.#incoming.length < MAXIMUM_WAITING_DATAGRAMS) this.#incoming.push(datagram)
  }

  override takeOutgoing(): Buffer[] {
    const outgoing = this.#outgoing
    if (outgoing.length > 0) this.#outgoing = []
    return outgoing
  }

  override close(): void {
    this.#incoming.length = 0
    super.close()
  }

  override push(data: Pointer, size: number): number {
    const datagram = Buffer.allocUnsafe(size)
    this.lib.copyOut(datagram, data, size)
    this.#outgoing.push(datagram)
    return size
  }

  override canPull(): boolean {
    return this.#incoming.length > 0
  }

  override pull(data: Pointer, size: number): number {
    const datagram = this.#incoming.shift()
    if (datagram === undefined) {
      this.lib.gnutls_transport_set_errno(this.handle, EAGAIN)
      return -1
    }
    const count = Math.min(size, datagram.length)
    this.lib.copyIn(data, datagram, count)
    return count
  }
}
