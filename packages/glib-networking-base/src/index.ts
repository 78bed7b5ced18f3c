/**
 * The public face of glib-networking-base: the TLS backend contract and what both backends share.
 *
 * @module glib-networking-base
 */

// The contract
export type {
  AcceptCertificate,
  LoadTlsBackend,
  TlsBackend,
  TlsBackendConnection,
  TlsClientConnectionOptions,
  TlsHandshakeOptions,
  TlsHandshakeResult,
  TlsServerConnectionOptions,
} from './tls-backend.ts'

// Enumerations
export { TlsAuthenticationMode } from './tls-authentication-mode.ts'
export {
  certificateFlagNames,
  describeCertificateFlags,
  TlsCertificateFlags,
  type TlsCertificateFlagName,
} from './tls-certificate-flags.ts'
export { tlsProtocolVersionFromName, tlsProtocolVersionName, TlsProtocolVersion } from './tls-protocol-version.ts'

// Errors
export { TlsError, type TlsErrorCode, type TlsErrorOptions } from './errors.ts'

// Certificates and trust
export { TlsCertificate, type TlsCertificateOptions } from './tls-certificate.ts'
export { TlsDatabase } from './tls-database.ts'
export { TlsFileDatabase } from './tls-file-database.ts'
export { certificateMatchesIdentity, checkLeafCertificate, serverNameOf } from './certificate-identity.ts'

// Diagnostics
export {
  HandshakeReporter,
  tlsHandshakeEndChannel,
  tlsHandshakeErrorChannel,
  tlsHandshakeStartChannel,
  type TlsDiagnostics,
  type TlsHandshakeEnd,
  type TlsHandshakeFailure,
  type TlsHandshakeStart,
} from './diagnostics.ts'
