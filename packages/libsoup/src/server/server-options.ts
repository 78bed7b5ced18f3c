// What a Server can be told when it is made, and the limits that hold when it is not.
// Read by Server.

import type {
  TlsAuthenticationMode,
  TlsBackend,
  TlsBackendName,
  TlsCertificate,
  TlsDatabase,
  TlsServerConnectionProperties,
} from '@wpe-networking/glib-gio'

/** Options of `new Server()`. */
export interface ServerOptions {
  /** Certificate with its private key, for HTTPS. */
  readonly tlsCertificate?: TlsCertificate | null
  /**
   * Chooses the certificate by the name a client asks for (SNI), null when it names none. Null stands for `tlsCertificate`,
   * which is needed all the same. A promise holds the handshake, what is thrown ends it.
   */
  readonly chooseTlsCertificate?: TlsServerConnectionProperties['chooseCertificate']
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
  /** Most header fields of a request; over it the answer is 431. Default 200. */
  readonly maxHeaderFields?: number
  /** Largest request body that is collected for a handler, in bytes; over it the answer is 413. Default 16 MiB. */
  readonly maxRequestBodyBytes?: number
  /** Longest silence of a client, between requests or within one, in seconds. Default 60. */
  readonly idleTimeout?: number
  /** Longest time for the whole of one request to arrive, in seconds; over it the answer is 408. Default 300. */
  readonly requestTimeout?: number
  /**
   * Least bytes a second of a request body that is collected, over any 5 s (or `idleTimeout`, if that is shorter); under it
   * the answer is 408. 0 asks for nothing. Default 240.
   */
  readonly minBodyRate?: number
  /** Most connections at a time; those over it are closed at once. Default 10,000. */
  readonly maxConnections?: number
  /** Most connections at a time from one IP address. Default 1,000. */
  readonly maxConnectionsPerAddress?: number
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
export const DEFAULT_MAX_HEADER_FIELDS = 200
export const DEFAULT_MIN_BODY_RATE = 240
export const DEFAULT_MAX_CONNECTIONS = 10_000
export const DEFAULT_MAX_CONNECTIONS_PER_ADDRESS = 1_000
/** How long a body may be below its least rate. */
export const BODY_RATE_PERIOD_SECONDS = 5
/** How long `shutdown` waits for what is under way, unless it is told otherwise. */
export const DEFAULT_SHUTDOWN_TIMEOUT_SECONDS = 30
