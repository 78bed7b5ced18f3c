// The extensions of a certificate that verification looks at, decoded. Called by decoded-certificate.ts.
// RFC 5280 section 4.2, RFC 7633 (TLS feature).

import { constructedContextTag, contextTag, DerReader, DerTag, malformed } from './der-reader.ts'
import { decodeGeneralName, decodeGeneralNames, type GeneralName } from './general-name.ts'
import { decodeNameConstraints, type NameConstraints } from './name-constraints-extension.ts'
import { ExtensionOid } from './object-identifiers.ts'

/** Bits of {@link CertificateExtensions.keyUsage}. */
export const KeyUsageBit = {
  DIGITAL_SIGNATURE: 1 << 0,
  NON_REPUDIATION: 1 << 1,
  KEY_ENCIPHERMENT: 1 << 2,
  DATA_ENCIPHERMENT: 1 << 3,
  KEY_AGREEMENT: 1 << 4,
  KEY_CERT_SIGN: 1 << 5,
  CRL_SIGN: 1 << 6,
} as const

/** One extension as it stands in the certificate. */
export interface RawExtension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Buffer
}

export interface BasicConstraints {
  readonly ca: boolean
  /** Most intermediates that may follow; null: any number. */
  readonly pathLength: number | null
}

export interface AuthorityKeyIdentifier {
  readonly keyIdentifier: Buffer | null
}

export interface PolicyMapping {
  readonly issuerPolicy: string
  readonly subjectPolicy: string
}

export interface PolicyConstraints {
  /** Certificates after which a policy is needed; null: never. */
  readonly requireExplicitPolicy: number | null
  /** Certificates after which policies are not mapped any more; null: never. */
  readonly inhibitPolicyMapping: number | null
}

/** What is there; an extension that is missing is null. */
export interface CertificateExtensions {
  readonly basicConstraints: BasicConstraints | null
  /** A set of {@link KeyUsageBit}. */
  readonly keyUsage: number | null
  readonly extendedKeyUsage: readonly string[] | null
  readonly subjectAltNames: readonly GeneralName[] | null
  readonly nameConstraints: NameConstraints | null
  readonly subjectKeyIdentifier: Buffer | null
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | null
  readonly certificatePolicies: readonly string[] | null
  readonly policyMappings: readonly PolicyMapping[] | null
  readonly policyConstraints: PolicyConstraints | null
  readonly inhibitAnyPolicy: number | null
  /** Numbers of TLS extensions the server promises to send; 5 is the OCSP response. */
  readonly tlsFeatures: readonly number[] | null
}

/** @throws {TlsError} `BAD_CERTIFICATE` when one of them is malformed. */
export function decodeExtensions(raw: readonly RawExtension[]): CertificateExtensions {
  const decode = <T>(oid: string, decoder: (value: Buffer) => T): T | null => {
    const extension = raw.find((candidate) => candidate.oid === oid)
    return extension === undefined ? null : decoder(extension.value)
  }
  // Used for nothing, but what is malformed is malformed.
  decode(ExtensionOid.AUTHORITY_INFO_ACCESS, checkAuthorityInfoAccess)
  return {
    basicConstraints: decode(ExtensionOid.BASIC_CONSTRAINTS, decodeBasicConstraints),
    keyUsage: decode(ExtensionOid.KEY_USAGE, decodeKeyUsage),
    extendedKeyUsage: decode(ExtensionOid.EXTENDED_KEY_USAGE, decodeExtendedKeyUsage),
    subjectAltNames: decode(ExtensionOid.SUBJECT_ALT_NAME, (value) => decodeGeneralNames(sole(value, DerTag.SEQUENCE))),
    nameConstraints: decode(ExtensionOid.NAME_CONSTRAINTS, decodeNameConstraints),
    subjectKeyIdentifier: decode(ExtensionOid.SUBJECT_KEY_IDENTIFIER, (value) => sole(value, DerTag.OCTET_STRING)),
    authorityKeyIdentifier: decode(ExtensionOid.AUTHORITY_KEY_IDENTIFIER, decodeAuthorityKeyIdentifier),
    certificatePolicies: decode(ExtensionOid.CERTIFICATE_POLICIES, decodePolicies),
    policyMappings: decode(ExtensionOid.POLICY_MAPPINGS, decodePolicyMappings),
    policyConstraints: decode(ExtensionOid.POLICY_CONSTRAINTS, decodePolicyConstraints),
    inhibitAnyPolicy: decode(ExtensionOid.INHIBIT_ANY_POLICY, (value) => whole(value, (reader) => reader.count())),
    tlsFeatures: decode(ExtensionOid.TLS_FEATURE, decodeTlsFeatures),
  }
}

/** Reads all of `value` with `read`. */
function whole<T>(value: Buffer, read: (reader: DerReader) => T): T {
  const reader = new DerReader(value)
  const result = read(reader)
  reader.end()
  return result
}

function sole(value: Buffer, tag: number): Buffer {
  return whole(value, (reader) => reader.read(tag))
}

/** At least one element of a sequence, each read with `read`. */
function list<T>(value: Buffer, read: (reader: DerReader) => T): readonly T[] {
  const reader = new DerReader(sole(value, DerTag.SEQUENCE))
  const items: T[] = []
  while (!reader.atEnd) items.push(read(reader))
  if (items.length === 0) throw malformed('A list')
  return items
}

function decodeBasicConstraints(value: Buffer): BasicConstraints {
  return whole(sole(value, DerTag.SEQUENCE), (reader) => ({
    ca: reader.flag(),
    pathLength: reader.nextTag === DerTag.INTEGER ? reader.count() : null,
  }))
}

function decodeKeyUsage(value: Buffer): number {
  const bits = whole(value, (reader) => reader.namedBits())
  if (bits === 0) throw malformed('A key usage')
  return bits
}

function decodeExtendedKeyUsage(value: Buffer): readonly string[] {
  return list(value, (reader) => reader.oid())
}

function decodeAuthorityKeyIdentifier(value: Buffer): AuthorityKeyIdentifier {
  return whole(sole(value, DerTag.SEQUENCE), (reader) => {
    const keyIdentifier = reader.optional(contextTag(0))
    const issuer = reader.optional(constructedContextTag(1))
    if (issuer !== null) decodeGeneralNames(issuer)
    reader.optional(contextTag(2))
    return { keyIdentifier }
  })
}

function decodePolicies(value: Buffer): readonly string[] {
  const policies = list(value, (reader) => {
    const information = reader.inside(DerTag.SEQUENCE)
    const policy = information.oid()
    information.optional(DerTag.SEQUENCE)
    information.end()
    return policy
  })
  if (new Set(policies).size !== policies.length) throw malformed('A list of policies')
  return policies
}

function decodePolicyMappings(value: Buffer): readonly PolicyMapping[] {
  return list(value, (reader) => {
    const mapping = reader.inside(DerTag.SEQUENCE)
    const pair = { issuerPolicy: mapping.oid(), subjectPolicy: mapping.oid() }
    mapping.end()
    return pair
  })
}

function decodePolicyConstraints(value: Buffer): PolicyConstraints {
  const optionalCount = (reader: DerReader, tag: number): number | null =>
    reader.nextTag === tag ? reader.count(tag) : null
  return whole(sole(value, DerTag.SEQUENCE), (reader) => {
    const requireExplicitPolicy = optionalCount(reader, contextTag(0))
    const inhibitPolicyMapping = optionalCount(reader, contextTag(1))
    if (requireExplicitPolicy === null && inhibitPolicyMapping === null) throw malformed('A policy constraint')
    return { requireExplicitPolicy, inhibitPolicyMapping }
  })
}

function decodeTlsFeatures(value: Buffer): readonly number[] {
  return list(value, (reader) => reader.count())
}

function checkAuthorityInfoAccess(value: Buffer): void {
  list(value, (reader) => {
    const description = reader.inside(DerTag.SEQUENCE)
    description.oid()
    decodeGeneralName(description.element())
    description.end()
  })
}
