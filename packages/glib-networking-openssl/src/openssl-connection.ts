// What client and server connections have in common: one handshake, then one stream.
// Upstream: glib-networking/tls/openssl/gtlsconnection-openssl.c.

import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import {
  TlsError,
  type TlsBackendConnection,
  type TlsHandshakeOptions,
  type TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import { type Handshake, type HandshakeSteps, performHandshake } from './handshake.ts'

/** The steps of one side, before the signal of the one handshake is known. */
export type ConnectionSteps = Omit<HandshakeSteps, 'signal'>

/** A connection on node:tls; its stream is Node's own TLSSocket, which takes the descriptor of a raw socket over. */
export class OpensslConnection implements TlsBackendConnection {
  readonly #steps: ConnectionSteps
  #handshake: Promise<Handshake> | null = null
  #socket: TLSSocket | null = null

  constructor(steps: ConnectionSteps) {
    this.#steps = steps
  }

  async handshake(options: TlsHandshakeOptions = {}): Promise<TlsHandshakeResult> {
    this.#handshake ??= performHandshake({ ...this.#steps, signal: options.signal })
    const { socket, result } = await this.#handshake
    this.#socket = socket
    return result
  }

  /** @throws {TlsError} `MISC` before the handshake is done. */
  get stream(): Duplex {
    if (this.#socket === null) throw new TlsError('MISC', 'The TLS handshake is not done yet.')
    return this.#socket
  }
}
