// What a Server can be told when it is made, and the limits that hold when it is not.
// Read by Server.

import type {
  TlsAuthenticationMode,
  TlsBackend,
  TlsBackendName,
  TlsCertificate,
  TlsDatabase,
} from '@wpe-networking/glib-gio'

/** Options of `new Server()`. */
export interface ServerOptions {
  /** Certificate with its private key, for HTTPS. */
  readonly tlsCertificate?: TlsCertificate | null
  /** Anchors for the certificates of clients. Default: the system's. */
  readonly tlsDatabase?: TlsDatabase | null
  /** Whether clients are asked for a certificate. Default: they are not. */
  readonly tlsAuthMode?: TlsAuthenticationMode
  /** TLS library to use. Default: gio's default one. */
  readonly tlsBackend?: TlsBackend | TlsBackendName | null
  /** Value of `Server` in responses; null sends none. Text that ends in a space is followed by `libsoup`. Default null. */
  readonly serverHeader?: string | null
  /** Match handlers on paths as received, without undoing percent-encoding. Default false. */
  readonly rawPaths?: boolean
  /** Offer HTTP/2 by ALPN on TLS connections. Default true. */
  readonly http2?: boolean
  /** Largest header section of a request, in bytes; over it the answer is 431. Default 100 KiB, upstream's limit. */
  readonly maxHeaderBytes?: number
  /** Largest request body that is collected for a handler, in bytes; over it the answer is 413. Default 16 MiB. */
  readonly maxRequestBodyBytes?: number
  /** Longest silence of a client, between requests or within one, in seconds. Default 60. */
  readonly idleTimeout?: number
  /** Longest time for the whole of one request to arrive, in seconds; over it the answer is 408. Default 300. */
  readonly requestTimeout?: number
}

/** How `listen`, `listenLocal` and `listenAll` listen. Upstream: SoupServerListenOptions. */
export interface ServerListenOptions {
  /** Speak TLS. Default: whether the server has a certificate. */
  readonly https?: boolean
  /** Leave IPv6 out, for `listenLocal` and `listenAll`. */
  readonly ipv4Only?: boolean
  /** Leave IPv4 out, for `listenLocal` and `listenAll`. */
  readonly ipv6Only?: boolean
}

export const DEFAULT_MAX_HEADER_BYTES = 100 * 1024
export const DEFAULT_MAX_REQUEST_BODY_BYTES = 16 * 1024 * 1024
export const DEFAULT_IDLE_TIMEOUT_SECONDS = 60
export const DEFAULT_REQUEST_TIMEOUT_SECONDS = 300
