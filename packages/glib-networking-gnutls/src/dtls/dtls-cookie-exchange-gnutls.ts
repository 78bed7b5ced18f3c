// A server's answer to unknown clients: a cookie, and nothing kept. Used before a DTLS server connection is made.
// Upstream: none, GIO leaves it to the application. RFC 6347 section 4.2.1.

import type { DtlsAcceptedCookie, DtlsCookieExchange } from '@wpe-networking/glib-networking-base'
import { setupError } from '../errors.ts'
import type { GnutlsRuntime } from '../gnutls-runtime.ts'
import { datum } from '../gnutls-session.ts'
import type { DtlsPrestate, Pointer, RawDatum } from '../libgnutls.ts'

/** What gnutls_dtls_cookie_send's documentation asks for. */
const KEY_BYTES = 16
/** A ClientHello is the only thing a stranger has to say; nothing larger than one Ethernet frame is looked at. */
const MAXIMUM_HELLO_BYTES = 1500
/** Content type of a handshake record, RFC 6347 section 4.1. */
const HANDSHAKE_RECORD = 22

export class DtlsCookieExchangeGnutls implements DtlsCookieExchange {
  readonly #runtime: GnutlsRuntime
  readonly #key: Buffer

  /** @throws {TlsError} `MISC` when the library makes no key. */
  constructor(runtime: GnutlsRuntime) {
    this.#runtime = runtime
    const { lib } = runtime
    const key: RawDatum = {}
    const code = lib.gnutls_key_generate(key, KEY_BYTES)
    if (code < 0) throw setupError('GnuTLS made no key for cookies', lib.gnutls_strerror(code))
    this.#key = lib.copyDatum(key)
    lib.free(key)
  }

  accept(
    datagram: Uint8Array,
    clientAddress: Uint8Array,
    reply: (datagram: Buffer) => void,
  ): DtlsAcceptedCookie | null {
    if (datagram.length > MAXIMUM_HELLO_BYTES || datagram[0] !== HANDSHAKE_RECORD) return null
    const { lib } = this.#runtime
    const prestate: DtlsPrestate = {}
    const key = datum(this.#key)
    const size = clientAddress.length
    if (lib.gnutls_dtls_cookie_verify(key, clientAddress, size, datagram, datagram.length, prestate) >= 0) {
      return {
        recordSequence: prestate.record_seq ?? 0,
        handshakeReadSequence: prestate.hsk_read_seq ?? 0,
        handshakeWriteSequence: prestate.hsk_write_seq ?? 0,
      }
    }
    this.#sendCookie(clientAddress, prestate, reply)
    return null
  }

  /** A HelloVerifyRequest is smaller than any ClientHello, so a forged sender address amplifies nothing. */
  #sendCookie(clientAddress: Uint8Array, prestate: DtlsPrestate, reply: (datagram: Buffer) => void): void {
    const runtime = this.#runtime
    const { lib } = runtime
    const sent: Buffer[] = []
    const id = runtime.enter({
      push(data: Pointer, size: number) {
        const datagram = Buffer.allocUnsafe(size)
        lib.copyOut(datagram, data, size)
        sent.push(datagram)
        return size
      },
      pull: () => -1,
      canPull: () => false,
      verify: () => -1,
      certificateRequested: () => undefined,
      secretDerived: () => undefined,
      ocspResponse: null,
    })
    try {
      lib.gnutls_dtls_cookie_send(datum(this.#key), clientAddress, clientAddress.length, prestate, id, runtime.push)
    } finally {
      runtime.leave(id)
    }
    for (const datagram of sent) reply(datagram)
  }
}
