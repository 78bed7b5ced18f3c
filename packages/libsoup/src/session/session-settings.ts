// What a session's queue and connections see of it: its options, read anew each time so that changing one takes effect
// from then on, and its features. Made by Session.

import type {
  InetSocketAddress,
  ProxyResolver,
  SocketConnectable,
  TlsBackend,
  TlsBackendName,
  TlsDatabase,
  TlsInteraction,
} from '@wpe-networking/glib-gio'
import type { ConnectionManagerSettings } from '../connection/connection-manager.ts'
import type { TunnelFeatures } from '../connection/tunnel-features.ts'
import type { Message } from '../message/message.ts'
import { prepareRequest, reviewResponse } from './feature-hooks.ts'
import type { FeatureList } from './feature-list.ts'
import type { ResponseVerdict, SessionFeature } from './session-feature.ts'
import type { Session } from './session.ts'
import type { SessionQueueOwner } from './session-queue.ts'

export class SessionSettings implements SessionQueueOwner, ConnectionManagerSettings {
  readonly #session: Session
  readonly features: FeatureList
  readonly tunnelFeatures: TunnelFeatures

  constructor(session: Session, features: FeatureList) {
    this.#session = session
    this.features = features
    this.tunnelFeatures = {
      requestStarting: (message): void | Promise<void> =>
        prepareRequest(features.requestStarting.filter(worksOnTunnels), message),
      gotHeaders: (message): void => {
        for (const feature of features.gotHeaders) if (worksOnTunnels(feature)) feature.gotHeaders(message)
      },
      reviewResponse: (message): ResponseVerdict | Promise<ResponseVerdict> =>
        reviewResponse(features.reviewResponse.filter(worksOnTunnels), message),
    }
  }

  get maxConns(): number {
    return this.#session.maxConns
  }

  get maxConnsPerHost(): number {
    return this.#session.maxConnsPerHost
  }

  get timeout(): number {
    return this.#session.timeout
  }

  get idleTimeout(): number {
    return this.#session.idleTimeout
  }

  get userAgent(): string | null {
    return this.#session.userAgent
  }

  get acceptLanguage(): string | null {
    return this.#session.acceptLanguage
  }

  get localAddress(): InetSocketAddress | null {
    return this.#session.localAddress
  }

  get remoteConnectable(): SocketConnectable | null {
    return this.#session.remoteConnectable
  }

  get proxyResolver(): ProxyResolver | null {
    return this.#session.proxyResolver
  }

  get tlsDatabase(): TlsDatabase | null {
    return this.#session.tlsDatabase
  }

  get tlsBackend(): TlsBackend | TlsBackendName | null {
    return this.#session.tlsBackend
  }

  get tlsInteraction(): TlsInteraction | null {
    return this.#session.tlsInteraction
  }

  messageQueued(message: Message): void {
    this.#session.emit('request-queued', message)
  }

  messageUnqueued(message: Message): void {
    this.#session.emit('request-unqueued', message)
  }
}

function worksOnTunnels(feature: SessionFeature): boolean {
  return feature.worksOnTunnels === true
}
