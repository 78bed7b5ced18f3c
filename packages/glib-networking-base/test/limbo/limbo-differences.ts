// The cases on which this verifier and the suite do not agree, each with the reason. A case that agrees after all, or
// disagrees without standing here, fails the tests.

const KEY_IDENTIFIERS =
  'Key identifiers help to find an issuer and prove nothing; that root certificates and leaves have them right is asked ' +
  'of authorities, not of verifiers'

/** By case. Those without "Accepted" are refused though the suite accepts them. */
export const limboDifferences: ReadonlyMap<string, string> = new Map([
  [
    'rfc5280::aki::leaf-missing-aki',
    `Accepted. ${KEY_IDENTIFIERS}. Leaves of private authorities made with \`openssl x509 -req\` have none.`,
  ],
  [
    'rfc5280::aki::cross-signed-root-missing-aki',
    'Accepted. Who signed an anchor does not matter; `cve::cve-2024-0567` wants just such an anchor accepted.',
  ],
  [
    'rfc5280::nc::permitted-dns-match-noncritical',
    'Accepted. The suite wants both: `webpki::nc::permitted-dns-match-noncritical` is the same chain, to be accepted.',
  ],
  [
    'rfc5280::nc::invalid-dnsname-leading-period',
    'Accepted. Private authorities write `.example.com` for everything below a domain, and OpenSSL and GnuTLS read it so.',
  ],
  [
    'rfc5280::ski::root-missing-ski',
    `Accepted. ${KEY_IDENTIFIERS}. TWCA Global Root and Hongkong Post Root CA 1 of the system stores have none.`,
  ],
  [
    'rfc5280::root-non-critical-basic-constraints',
    'Accepted. So it is in roots of the system stores: Go Daddy Class 2, Starfield Class 2, ePKI Root.',
  ],
  [
    'webpki::aki::root-with-aki-authoritycertissuer',
    `Accepted. ${KEY_IDENTIFIERS}. So it is in roots of the system stores: Certigna, QuoVadis Root CA 2 and 3.`,
  ],
  [
    'webpki::aki::root-with-aki-authoritycertserialnumber',
    `Accepted. ${KEY_IDENTIFIERS}. So it is in roots of the system stores: Certigna, QuoVadis Root CA 2 and 3.`,
  ],
  [
    'webpki::aki::root-with-aki-all-fields',
    `Accepted. ${KEY_IDENTIFIERS}. So it is in roots of the system stores: Certigna, QuoVadis Root CA 2 and 3.`,
  ],
  [
    'webpki::cn::not-in-san',
    'Accepted. The common name is no identity here, and private authorities put many things there.',
  ],
  [
    'webpki::cn::case-mismatch',
    'Accepted. Host names have no case; Windows authorities write the common name in capitals.',
  ],
  [
    'webpki::eku::ee-critical-eku',
    'Accepted. RFC 5280 section 4.2.1.12 allows it; only the Baseline Requirements do not.',
  ],
  [
    'webpki::eku::ee-without-eku',
    'Accepted. The suite wants both: `rfc5280::eku::ee-without-eku` is the same chain, to be accepted.',
  ],
  [
    'webpki::eku::root-has-eku',
    'Accepted. An anchor limited to the purpose at hand is no danger; one limited to another purpose is refused.',
  ],
  [
    'webpki::san::public-suffix-private-namespace-wildcard-san',
    'Accepted. Sites depend on it: `*.github.io` is such a certificate. Suffixes of registries, such as `*.co.uk`, are refused.',
  ],
  [
    'webpki::san::san-critical-with-nonempty-subject',
    'Accepted. RFC 5280 section 4.2.1.6 says SHOULD, and the extension is understood.',
  ],
  ['webpki::ca-as-leaf', 'Accepted. The suite wants both: `rfc5280::ca-as-leaf` is the same chain, to be accepted.'],
])
