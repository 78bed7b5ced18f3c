// DTLS by GnuTLS: the part of the backend that deals in datagrams.
// Upstream: glib-networking/tls/gnutls/gtlsbackend-gnutls.c (get_dtls_client_connection_type and its like).

import type {
  DatagramBased,
  DtlsBackend,
  DtlsBackendConnection,
  DtlsClientConnectionOptions,
  DtlsCookieExchange,
  DtlsServerConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import type { TlsBackendContext } from '../tls-connection-gnutls.ts'
import { DtlsClientConnectionGnutls } from './dtls-client-connection-gnutls.ts'
import { DtlsCookieExchangeGnutls } from './dtls-cookie-exchange-gnutls.ts'
import { DtlsServerConnectionGnutls } from './dtls-server-connection-gnutls.ts'

export class DtlsBackendGnutls implements DtlsBackend {
  readonly #context: TlsBackendContext

  constructor(context: TlsBackendContext) {
    this.#context = context
  }

  createClientConnection(base: DatagramBased, options: DtlsClientConnectionOptions): DtlsBackendConnection {
    return new DtlsClientConnectionGnutls(this.#context, base, options)
  }

  createServerConnection(base: DatagramBased, options: DtlsServerConnectionOptions): DtlsBackendConnection {
    return new DtlsServerConnectionGnutls(this.#context, base, options)
  }

  createCookieExchange(): DtlsCookieExchange {
    return new DtlsCookieExchangeGnutls(this.#context.runtime)
  }
}
