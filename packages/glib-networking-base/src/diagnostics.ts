// What the TLS layer tells on node:diagnostics_channel; both backends publish through here, anyone may subscribe.

import { channel, type Channel } from 'node:diagnostics_channel'
import type { TlsCertificateFlags } from './tls-certificate-flags.ts'
import type { TlsHandshakeResult } from './tls-backend.ts'

/** What every message of this layer carries. */
export interface TlsDiagnostics {
  /** Milliseconds since the epoch, with fraction. */
  readonly time: number
  /** Number of the TLS connection, unique in this process. */
  readonly connectionId: number
  /** `openssl` or `gnutls`. */
  readonly backend: string
  readonly side: 'client' | 'server'
  /** Who the client asked for; null on a server. */
  readonly serverIdentity: string | null
}

/** Published on `wpe:tls:handshake-start`. */
export type TlsHandshakeStart = TlsDiagnostics

/** Published on `wpe:tls:handshake-end`, whether or not a certificate needed accepting. */
export interface TlsHandshakeEnd extends TlsDiagnostics {
  readonly result: TlsHandshakeResult
}

/** Published on `wpe:tls:handshake-error`; the last message of its connection. */
export interface TlsHandshakeFailure extends TlsDiagnostics {
  readonly error: unknown
  /** The failed checks when the certificate was the reason, else 0. */
  readonly flags: TlsCertificateFlags
}

export const tlsHandshakeStartChannel: Channel<TlsHandshakeStart, unknown> = channel('wpe:tls:handshake-start')
export const tlsHandshakeEndChannel: Channel<TlsHandshakeEnd, unknown> = channel('wpe:tls:handshake-end')
export const tlsHandshakeErrorChannel: Channel<TlsHandshakeFailure, unknown> = channel('wpe:tls:handshake-error')

let lastConnectionId = 0

/** Reports one connection's handshake; costs next to nothing while nobody listens. */
export class HandshakeReporter {
  readonly #about: Omit<TlsDiagnostics, 'time'>

  constructor(about: Omit<TlsDiagnostics, 'time' | 'connectionId'>) {
    this.#about = { connectionId: ++lastConnectionId, ...about }
  }

  start(): void {
    if (tlsHandshakeStartChannel.hasSubscribers) tlsHandshakeStartChannel.publish({ time: now(), ...this.#about })
  }

  end(result: TlsHandshakeResult): void {
    if (tlsHandshakeEndChannel.hasSubscribers) tlsHandshakeEndChannel.publish({ time: now(), ...this.#about, result })
  }

  failed(error: unknown, flags: TlsCertificateFlags): void {
    if (tlsHandshakeErrorChannel.hasSubscribers) {
      tlsHandshakeErrorChannel.publish({ time: now(), ...this.#about, error, flags })
    }
  }
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
