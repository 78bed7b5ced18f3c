// What client and server connections have in common: one handshake, then one stream.
// Upstream: glib-networking/tls/openssl/gtlsconnection-openssl.c.

import type { Duplex } from 'node:stream'
import {
  type TlsBackendConnection,
  type TlsCertificate,
  TlsChannelBindingError,
  type TlsChannelBindingType,
  TlsError,
  type TlsHandshakeOptions,
  type TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import { channelBindingData } from './channel-binding.ts'
import { type Handshake, type HandshakeSteps, performHandshake } from './handshake.ts'

/** A connection on node:tls; its stream is Node's own TLSSocket, which takes the descriptor of a raw socket over. */
export class OpensslConnection implements TlsBackendConnection {
  readonly #steps: HandshakeSteps
  readonly #ownCertificate: TlsCertificate | null
  #handshake: Promise<Handshake> | null = null
  #finished: Handshake | null = null

  /** @param ownCertificate The server's certificate on a server, null on a client. */
  constructor(steps: HandshakeSteps, ownCertificate: TlsCertificate | null) {
    this.#steps = steps
    this.#ownCertificate = ownCertificate
  }

  async handshake(options: TlsHandshakeOptions = {}): Promise<TlsHandshakeResult> {
    this.#handshake ??= performHandshake(this.#steps, options.signal)
    this.#finished = await this.#handshake
    return this.#finished.result
  }

  getChannelBindingData(type: TlsChannelBindingType): Buffer {
    if (this.#finished === null) throw new TlsChannelBindingError('INVALID_STATE', 'The TLS handshake is not done yet.')
    const { socket, result } = this.#finished
    return channelBindingData(type, {
      socket,
      protocolVersion: result.protocolVersion,
      // The first Finished message is the client's in a full handshake and the server's in a resumed one.
      isFirstFinishedOurs: (this.#ownCertificate === null) !== result.resumed,
      serverCertificate: this.#ownCertificate ?? result.peerCertificate,
    })
  }

  /** @throws {TlsError} `MISC` before the handshake is done. */
  get stream(): Duplex {
    if (this.#finished === null) throw new TlsError('MISC', 'The TLS handshake is not done yet.')
    return this.#finished.socket
  }
}
