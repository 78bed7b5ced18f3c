// The version of TLS a connection speaks; set as a minimum before the handshake, reported after it.
// Upstream: glib/gio/gioenums.h (GTlsProtocolVersion).

/** TLS and DTLS versions, with GIO's own numbers; within TLS (and within DTLS) a later version is a greater number. */
export const TlsProtocolVersion = {
  UNKNOWN: 0,
  SSL_3_0: 1,
  TLS_1_0: 2,
  TLS_1_1: 3,
  TLS_1_2: 4,
  TLS_1_3: 5,
  DTLS_1_0: 201,
  DTLS_1_2: 202,
} as const

/** One of {@link TlsProtocolVersion}. */
export type TlsProtocolVersion = (typeof TlsProtocolVersion)[keyof typeof TlsProtocolVersion]

const NAMES: Record<TlsProtocolVersion, string> = {
  [TlsProtocolVersion.UNKNOWN]: 'unknown',
  [TlsProtocolVersion.SSL_3_0]: 'SSLv3',
  [TlsProtocolVersion.TLS_1_0]: 'TLSv1',
  [TlsProtocolVersion.TLS_1_1]: 'TLSv1.1',
  [TlsProtocolVersion.TLS_1_2]: 'TLSv1.2',
  [TlsProtocolVersion.TLS_1_3]: 'TLSv1.3',
  [TlsProtocolVersion.DTLS_1_0]: 'DTLSv1',
  [TlsProtocolVersion.DTLS_1_2]: 'DTLSv1.2',
}

/** The usual spelling of a version, which is also Node's: `TLSv1.3`. */
export function tlsProtocolVersionName(version: TlsProtocolVersion): string {
  return NAMES[version]
}

/** The version spelled `name` (`TLSv1.3`), or `UNKNOWN`. */
export function tlsProtocolVersionFromName(name: string | null): TlsProtocolVersion {
  for (const version of Object.values(TlsProtocolVersion)) if (NAMES[version] === name) return version
  return TlsProtocolVersion.UNKNOWN
}
