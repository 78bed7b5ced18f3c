// The GnuTLS backend: what glib-gio gets when it asks this package for one.
// Upstream: glib-networking/tls/gnutls/gtlsbackend-gnutls.c.

import type { Duplex } from 'node:stream'
import type {
  DtlsBackend,
  TlsBackend,
  TlsBackendConnection,
  TlsCertificate,
  TlsCertificateFlags,
  TlsClientConnectionOptions,
  TlsServerConnectionOptions,
  VerifyChainOptions,
} from '@wpe-networking/glib-networking-base'
import { DtlsBackendGnutls } from './dtls/dtls-backend-gnutls.ts'
import { GnutlsCredentialsCache } from './gnutls-credentials.ts'
import { getGnutlsRuntime, type GnutlsHandles, type GnutlsRuntime } from './gnutls-runtime.ts'
import { SessionCache } from './session-cache.ts'
import { TlsClientConnectionGnutls } from './tls-client-connection-gnutls.ts'
import type { TlsBackendContext } from './tls-connection-gnutls.ts'
import { TlsServerConnectionGnutls } from './tls-server-connection-gnutls.ts'
import { verifyChain } from './verification/certificate-verification.ts'

/** A TLS backend on the system's GnuTLS. Every backend has its own credentials and sessions to resume. */
export class TlsBackendGnutls implements TlsBackend {
  readonly name = 'gnutls'
  readonly dtls: DtlsBackend
  readonly #context: TlsBackendContext

  constructor(runtime: GnutlsRuntime) {
    this.#context = { runtime, credentials: new GnutlsCredentialsCache(runtime), sessions: new SessionCache() }
    this.dtls = new DtlsBackendGnutls(this.#context)
  }

  get version(): string {
    return this.#context.runtime.lib.version
  }

  createClientConnection(baseIoStream: Duplex, options: TlsClientConnectionOptions): TlsBackendConnection {
    return new TlsClientConnectionGnutls(this.#context, baseIoStream, options)
  }

  createServerConnection(baseIoStream: Duplex, options: TlsServerConnectionOptions): TlsBackendConnection {
    return new TlsServerConnectionGnutls(this.#context, baseIoStream, options)
  }

  verifyChain(certificates: readonly TlsCertificate[], options: VerifyChainOptions): TlsCertificateFlags {
    return verifyChain(this.#context.runtime, certificates, options)
  }

  /** The library's handles alive in this process, of all its backends; for tests and for finding leaks. */
  get handles(): GnutlsHandles {
    return this.#context.runtime.handles
  }

  /** Frees parsed anchors and certificates no connection uses, and forgets sessions; both come back when needed. */
  releaseIdle(): void {
    this.#context.credentials.releaseIdle()
    this.#context.sessions.clear()
  }
}

let backend: TlsBackendGnutls | undefined

/**
 * A new backend.
 *
 * @throws {TlsError} `UNAVAILABLE` when GnuTLS is missing or too old; the message names the package to install.
 */
export function createBackend(): TlsBackendGnutls {
  return new TlsBackendGnutls(getGnutlsRuntime())
}

/** The entry point glib-gio calls: the process's one backend, made at the first call. Throws like {@link createBackend}. */
export function load(): TlsBackendGnutls {
  return (backend ??= createBackend())
}
