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

export type { DatagramBased, DatagramReceiver } from './dtls/datagram-based.ts'
export { DatagramQueue } from './dtls/datagram-queue.ts'
export type {
  DtlsAcceptedCookie,
  DtlsBackend,
  DtlsBackendConnection,
  DtlsClientConnectionOptions,
  DtlsCookieExchange,
  DtlsOptions,
  DtlsServerConnectionOptions,
} from './dtls/dtls-backend.ts'

// Enumerations
export { TlsAuthenticationMode } from './tls-authentication-mode.ts'
export {
  certificateFlagNames,
  describeCertificateFlags,
  TlsCertificateFlags,
  type TlsCertificateFlagName,
} from './tls-certificate-flags.ts'
export { tlsProtocolVersionFromName, tlsProtocolVersionName, TlsProtocolVersion } from './tls-protocol-version.ts'

export {
  TlsChannelBindingError,
  TlsChannelBindingType,
  type TlsChannelBindingErrorCode,
} from './tls-channel-binding.ts'
export { serverEndPoint } from './tls-server-end-point.ts'
export { DerReader, DerTag, type DerElement } from './verification/der-reader.ts'

// Questions to the user
export {
  TlsInteraction,
  TlsInteractionResult,
  type TlsCertificateRequest,
  type TlsInteractionOptions,
} from './interaction/tls-interaction.ts'
export { TlsPassword, TlsPasswordFlags } from './interaction/tls-password.ts'
export { askPassword, type AskPasswordOptions } from './interaction/ask-password.ts'

// Errors
export { TlsError, type TlsErrorCode, type TlsErrorOptions } from './errors.ts'

// Certificates and trust
export { TlsCertificate, type TlsCertificateOptions } from './certificates/tls-certificate.ts'
export { CertificateRevocationList } from './revocation/certificate-revocation-list.ts'
export { TlsDatabase, type TlsDatabaseOptions, type TlsDatabaseVerifyOptions } from './trust/tls-database.ts'
export { TlsDatabaseLookupFlags } from './trust/tls-database-lookup-flags.ts'
export { TlsFileDatabase } from './trust/tls-file-database.ts'
export { certificateMatchesIdentity, serverNameOf } from './verification/certificate-identity.ts'

// Verification
export { nodeSignatureVerifier } from './verification/node-signature-verifier.ts'
export {
  TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  verifyChain,
  type SignatureVerifier,
  type VerifyChainOptions,
} from './verification/verify-chain.ts'

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
