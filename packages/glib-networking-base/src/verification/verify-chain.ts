// Judges a chain of certificates: the one place where it is decided what either backend trusts.
// Upstream: glib/gio/gtlsdatabase.c (g_tls_database_verify_chain). RFC 5280 section 6.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import type { TlsDatabase } from '../trust/tls-database.ts'
import { namesMatchIdentity } from './certificate-identity.ts'
import { judgeChain } from './chain-verdict.ts'
import { ChainQuestion, type ChainVerdict, VerdictCache } from './verdict-cache.ts'
import { VerificationClock } from './verification-clock.ts'

export {
  TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
} from './object-identifiers.ts'

/** Certificates beside the leaf that are looked at; servers send fewer than ten. */
const MAXIMUM_INTERMEDIATES = 128

const verdictCaches = new WeakMap<TlsDatabase, WeakMap<SignatureVerifier, VerdictCache>>()

export interface VerifyChainOptions {
  /** Whom to trust. */
  readonly database: TlsDatabase
  /** The extended key usage the leaf is needed for. */
  readonly purpose: string
  /** The host name or IP address the leaf must be for; null checks no identity. */
  readonly identity: string | null
  /** Default: now. */
  readonly time?: Date | undefined
  /** Most intermediates between leaf and anchor that are not self-issued; default 8. */
  readonly maximumDepth?: number | undefined
  /** The DER OCSP response stapled to the handshake; null or absent when there was none. */
  readonly ocspResponse?: Uint8Array | null | undefined
}

/** The library's part of a verification. */
export interface SignatureVerifier {
  /** Whether the signature of `certificate` is one that the key of `issuer` made. */
  isSignedBy(certificate: TlsCertificate, issuer: TlsCertificate): boolean
}

/**
 * Everything that is wrong with the best path from the leaf to an anchor; 0 when there is a path with nothing wrong.
 * Remembers, for each database and library, the verdicts on the last few hundred chains.
 *
 * @param certificates The leaf, then whatever the peer sent with it, in any order.
 */
export function verifyChain(
  certificates: readonly TlsCertificate[],
  options: VerifyChainOptions,
  signatures: SignatureVerifier,
): TlsCertificateFlags {
  if (certificates.length === 0) throw new TypeError('There is no certificate to verify.')
  const looked = certificates.slice(0, MAXIMUM_INTERMEDIATES + 1)
  const { flags, names } = verdictOf(looked, options, signatures)
  const { identity } = options
  const isForIdentity = identity === null || namesMatchIdentity(names, identity)
  return isForIdentity ? flags : flags | TlsCertificateFlags.BAD_IDENTITY
}

function verdictOf(
  certificates: readonly TlsCertificate[],
  options: VerifyChainOptions,
  signatures: SignatureVerifier,
): ChainVerdict {
  const clock = new VerificationClock(options.time?.getTime() ?? Date.now())
  const cache = cacheFor(options.database, signatures)
  const question = new ChainQuestion(certificates, options)
  const known = cache.get(question, clock.now)
  if (known !== null) return known
  const verdict = judgeChain(certificates, options, signatures, clock)
  cache.set(question, verdict, clock)
  return verdict
}

function cacheFor(database: TlsDatabase, signatures: SignatureVerifier): VerdictCache {
  const caches = verdictCaches.get(database) ?? new WeakMap<SignatureVerifier, VerdictCache>()
  verdictCaches.set(database, caches)
  const cache = caches.get(signatures) ?? new VerdictCache()
  caches.set(signatures, cache)
  return cache
}
