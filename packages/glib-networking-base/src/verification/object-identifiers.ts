// The object identifiers that verification knows. RFC 5280, RFC 5758, RFC 8017, RFC 8410, RFC 7633, RFC 6962.

/** Extended key usages, as the `purpose` of a verification. */
export const TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER = '1.3.6.1.5.5.7.3.1'
export const TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT = '1.3.6.1.5.5.7.3.2'

/** Extensions of certificates and revocation lists. */
export const ExtensionOid = {
  SUBJECT_KEY_IDENTIFIER: '2.5.29.14',
  KEY_USAGE: '2.5.29.15',
  SUBJECT_ALT_NAME: '2.5.29.17',
  BASIC_CONSTRAINTS: '2.5.29.19',
  CRL_NUMBER: '2.5.29.20',
  REASON_CODE: '2.5.29.21',
  DELTA_CRL_INDICATOR: '2.5.29.27',
  ISSUING_DISTRIBUTION_POINT: '2.5.29.28',
  NAME_CONSTRAINTS: '2.5.29.30',
  CERTIFICATE_POLICIES: '2.5.29.32',
  POLICY_MAPPINGS: '2.5.29.33',
  AUTHORITY_KEY_IDENTIFIER: '2.5.29.35',
  POLICY_CONSTRAINTS: '2.5.29.36',
  EXTENDED_KEY_USAGE: '2.5.29.37',
  INHIBIT_ANY_POLICY: '2.5.29.54',
  AUTHORITY_INFO_ACCESS: '1.3.6.1.5.5.7.1.1',
  TLS_FEATURE: '1.3.6.1.5.5.7.1.24',
} as const

export const ANY_POLICY = '2.5.29.32.0'
export const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0'
export const COMMON_NAME_ATTRIBUTE = '2.5.4.3'
export const EMAIL_ADDRESS_ATTRIBUTE = '1.2.840.113549.1.9.1'

/** Algorithms of public keys. */
export const KeyOid = {
  RSA: '1.2.840.113549.1.1.1',
  RSA_PSS: '1.2.840.113549.1.1.10',
  EC: '1.2.840.10045.2.1',
  ED25519: '1.3.101.112',
  ED448: '1.3.101.113',
} as const

/** Curves strong enough for TLS: P-256, P-384, P-521. */
export const STRONG_CURVES: ReadonlySet<string> = new Set(['1.2.840.10045.3.1.7', '1.3.132.0.34', '1.3.132.0.35'])

/** Hash functions by their identifier, as RSA-PSS names them. */
export const HashOid = {
  SHA256: '2.16.840.1.101.3.4.2.1',
  SHA384: '2.16.840.1.101.3.4.2.2',
  SHA512: '2.16.840.1.101.3.4.2.3',
} as const

/** Signature algorithms that are strong whatever their parameters. */
export const STRONG_SIGNATURES: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11', // sha256WithRSAEncryption
  '1.2.840.113549.1.1.12', // sha384WithRSAEncryption
  '1.2.840.113549.1.1.13', // sha512WithRSAEncryption
  '1.2.840.10045.4.3.2', // ecdsa-with-SHA256
  '1.2.840.10045.4.3.3', // ecdsa-with-SHA384
  '1.2.840.10045.4.3.4', // ecdsa-with-SHA512
  '1.3.101.112', // Ed25519
  '1.3.101.113', // Ed448
])
/** Strong only with a strong hash in its parameters. */
export const RSA_PSS_SIGNATURE = '1.2.840.113549.1.1.10'
