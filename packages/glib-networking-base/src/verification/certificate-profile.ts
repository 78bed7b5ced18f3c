// What one certificate must be like for the place it has in a path: as the leaf, as an issuer, as the anchor.
// Called by path-checks.ts. RFC 5280 sections 4.1, 4.2 and 6.1.4; CA/Browser Forum Baseline Requirements section 7.1.2.
//
// Anchors are trusted for standing in the database, so only what limits their use is looked at: real ones have serial
// numbers of zero, key identifiers missing or in excess, and basicConstraints that are not critical.

import { KeyUsageBit } from './certificate-extensions.ts'
import { hasPlainCommonNames } from './common-name.ts'
import type { DecodedCertificate } from './decoded-certificate.ts'
import { ANY_EXTENDED_KEY_USAGE, ExtensionOid, TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER } from './object-identifiers.ts'

const MAX_SERIAL_OCTETS = 20
/** What a server or client key is used for in a handshake. */
const HANDSHAKE_USAGES = KeyUsageBit.DIGITAL_SIGNATURE | KeyUsageBit.KEY_ENCIPHERMENT | KeyUsageBit.KEY_AGREEMENT

/** Critical extensions that are looked at somewhere in this folder; any other is for somebody who understands it. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  ExtensionOid.BASIC_CONSTRAINTS,
  ExtensionOid.CERTIFICATE_POLICIES,
  ExtensionOid.EXTENDED_KEY_USAGE,
  ExtensionOid.INHIBIT_ANY_POLICY,
  ExtensionOid.KEY_USAGE,
  ExtensionOid.NAME_CONSTRAINTS,
  ExtensionOid.POLICY_CONSTRAINTS,
  ExtensionOid.POLICY_MAPPINGS,
  ExtensionOid.SUBJECT_ALT_NAME,
  ExtensionOid.TLS_FEATURE,
])

/** Whether `certificate` may be the leaf of a path, for `purpose`. */
export function isProperLeaf(certificate: DecodedCertificate, purpose: string): boolean {
  const { extensions, subject, rawExtensions } = certificate
  return (
    isProperlyIssued(certificate) &&
    hasLeafUsage(certificate) &&
    isForPurpose(certificate, purpose) &&
    (certificate.isAuthority || extensions.nameConstraints === null) &&
    (purpose !== TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER || hasPlainCommonNames(certificate)) &&
    // Without a subject, subjectAltName is all there is, so that nobody may overlook it.
    (!subject.isEmpty || isCritical(rawExtensions, ExtensionOid.SUBJECT_ALT_NAME))
  )
}

/** A key of a leaf signs handshakes; it signs certificates exactly if the leaf is an authority too. */
function hasLeafUsage({ extensions: { keyUsage }, isAuthority }: DecodedCertificate): boolean {
  if (keyUsage === null) return true
  const signsCertificates = (keyUsage & KeyUsageBit.KEY_CERT_SIGN) !== 0
  return signsCertificates === isAuthority && (isAuthority || (keyUsage & HANDSHAKE_USAGES) !== 0)
}

/** Certificates for everything are none for TLS. */
function isForPurpose({ extensions: { extendedKeyUsage } }: DecodedCertificate, purpose: string): boolean {
  return (
    extendedKeyUsage === null ||
    (extendedKeyUsage.includes(purpose) && !extendedKeyUsage.includes(ANY_EXTENDED_KEY_USAGE))
  )
}

/** Whether `certificate`, which is an anchor itself, may be the leaf: whoever put it there wants it, as far as it goes. */
export function isProperAnchoredLeaf(certificate: DecodedCertificate, purpose: string): boolean {
  return isReadable(certificate) && isForPurpose(certificate, purpose)
}

/** Whether an authority that is no anchor may issue for `purpose`. */
export function isProperIntermediate(certificate: DecodedCertificate, purpose: string): boolean {
  const { extensions, subject } = certificate
  return (
    isProperlyIssued(certificate) &&
    !subject.isEmpty &&
    mayIssueFor(certificate, purpose) &&
    extensions.subjectKeyIdentifier !== null &&
    extensions.authorityKeyIdentifier !== null
  )
}

/** Whether an anchor may issue for `purpose`. */
export function isProperAnchor(certificate: DecodedCertificate, purpose: string): boolean {
  return (
    isReadable(certificate) &&
    !certificate.subject.isEmpty &&
    mayIssueFor(certificate, purpose) &&
    (!certificate.isSelfIssued || identifiesItself(certificate))
  )
}

/** Whether everything in it can be read, and nothing critical is left out. */
function isReadable({ hasMalformedExtensions, rawExtensions, signatureAlgorithmsAgree }: DecodedCertificate): boolean {
  return (
    !hasMalformedExtensions &&
    signatureAlgorithmsAgree &&
    rawExtensions.every(({ critical, oid }) => !critical || UNDERSTOOD.has(oid))
  )
}

function isProperlyIssued(certificate: DecodedCertificate): boolean {
  return (
    isReadable(certificate) &&
    certificate.version === 3 &&
    hasProperSerialNumber(certificate.serialNumber) &&
    !certificate.issuer.isEmpty
  )
}

/** Positive and of 20 octets at most. */
function hasProperSerialNumber(octets: Buffer): boolean {
  const [first = 0] = octets
  return octets.length <= MAX_SERIAL_OCTETS && first < 0x80 && octets.some((octet) => octet !== 0)
}

function mayIssueFor({ extensions, rawExtensions }: DecodedCertificate, purpose: string): boolean {
  const { extendedKeyUsage, keyUsage, policyConstraints } = extensions
  return (
    (keyUsage === null || (keyUsage & KeyUsageBit.KEY_CERT_SIGN) !== 0) &&
    (extendedKeyUsage === null || extendedKeyUsage.some((use) => use === purpose || use === ANY_EXTENDED_KEY_USAGE)) &&
    (policyConstraints === null || isCritical(rawExtensions, ExtensionOid.POLICY_CONSTRAINTS))
  )
}

/** A root that says who signed it must name its own key. */
function identifiesItself({ extensions }: DecodedCertificate): boolean {
  const { authorityKeyIdentifier, subjectKeyIdentifier } = extensions
  if (authorityKeyIdentifier === null) return true
  const { keyIdentifier } = authorityKeyIdentifier
  return keyIdentifier !== null && (subjectKeyIdentifier === null || keyIdentifier.equals(subjectKeyIdentifier))
}

function isCritical(extensions: DecodedCertificate['rawExtensions'], oid: string): boolean {
  return extensions.some((extension) => extension.oid === oid && extension.critical)
}
