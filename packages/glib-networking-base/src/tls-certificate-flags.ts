// What is wrong with a peer's certificate, as a bit set; backends report it, callers decide on it.
// Upstream: glib/gio/gioenums.h (GTlsCertificateFlags).

/** The checks a certificate can fail. Several may be set at once. */
export const TlsCertificateFlags = {
  /** Nothing is wrong. */
  NO_FLAGS: 0,
  /** The chain does not end at an anchor of the database. */
  UNKNOWN_CA: 1,
  /** The certificate is not for the identity that was asked for. */
  BAD_IDENTITY: 2,
  /** The certificate's validity begins in the future. */
  NOT_ACTIVATED: 4,
  /** The certificate's validity is over. */
  EXPIRED: 8,
  /** The certificate was revoked. */
  REVOKED: 16,
  /** A key or signature in the chain is too weak to be trusted. */
  INSECURE: 32,
  /** Anything else, such as a purpose or a constraint that does not fit. */
  GENERIC_ERROR: 64,
  /** Every check. */
  VALIDATE_ALL: 127,
} as const

/** A bit set of {@link TlsCertificateFlags}; 0 when every check passed. */
export type TlsCertificateFlags = number

/** The name of one flag. */
export type TlsCertificateFlagName = Exclude<keyof typeof TlsCertificateFlags, 'NO_FLAGS' | 'VALIDATE_ALL'>

const REASONS: readonly (readonly [TlsCertificateFlagName, string])[] = [
  ['UNKNOWN_CA', 'is not signed by a known authority'],
  ['BAD_IDENTITY', 'is for another host'],
  ['NOT_ACTIVATED', 'is not valid yet'],
  ['EXPIRED', 'has expired'],
  ['REVOKED', 'was revoked'],
  ['INSECURE', 'uses a key or signature that is too weak'],
  ['GENERIC_ERROR', 'failed verification'],
]

/** The names of the flags set in `flags`, lowest bit first; empty when none is set. */
export function certificateFlagNames(flags: TlsCertificateFlags): readonly TlsCertificateFlagName[] {
  return REASONS.filter(([name]) => (flags & TlsCertificateFlags[name]) !== 0).map(([name]) => name)
}

/**
 * One plain sentence for `flags`, for people: `The certificate of example.org has expired and is for another host.`
 *
 * @param identity The host the certificate should have been for; null leaves it out.
 */
export function describeCertificateFlags(flags: TlsCertificateFlags, identity: string | null): string {
  const reasons = REASONS.filter(([name]) => (flags & TlsCertificateFlags[name]) !== 0).map(([, reason]) => reason)
  const subject = identity === null ? 'The certificate of the peer' : `The certificate of ${identity}`
  if (reasons.length === 0) return `${subject} is valid.`
  const last = reasons.pop() ?? ''
  return `${subject} ${reasons.length === 0 ? last : `${reasons.join(', ')} and ${last}`}.`
}
