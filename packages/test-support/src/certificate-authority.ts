// Makes certificates at test time, so that no fixture expires in a drawer: roots, intermediates, and leaves of every kind
// a TLS client has to judge. Used by the tests of every package above TLS and by the demo site.
// RFC 5280 section 4.

import {
  authorityExtensions,
  type AuthorityExtensionOptions,
  leafExtensions,
  type LeafExtensionOptions,
  leafNames,
} from './certificate-extensions.ts'
import {
  DAY,
  type Issuer,
  type RevocationListOptions,
  signCertificate,
  type SignatureHash,
  signRevocationList,
  type Validity,
} from './certificate-signing.ts'
import { exportKey, generateKeys, type KeyType } from './key-pairs.ts'

interface CommonOptions extends Validity {
  readonly commonName?: string | undefined
  /** Default `ecdsa-p256`, which is made in a millisecond; `rsa-1024` and `rsa-512` are too weak on purpose. */
  readonly keyType?: KeyType | undefined
  /** What the issuer signs with; default `SHA-256`. */
  readonly signatureHash?: SignatureHash | undefined
}

/** `commonName` is by default the first DNS name, else `localhost`. */
export interface IssueOptions extends CommonOptions, LeafExtensionOptions {}

/** `commonName` is by default `Test Root` or `Test Intermediate`. */
export interface AuthorityOptions extends CommonOptions, AuthorityExtensionOptions {}

/** For a name and key that exist already. */
export type CertifyOptions = Omit<AuthorityOptions, 'commonName' | 'keyType'>

export interface IssuedCertificate {
  /** The leaf alone. */
  readonly certificatePem: string
  /** PKCS#8. */
  readonly privateKeyPem: string
  /** The leaf and its intermediates, without the root, as a server should send them. */
  readonly chainPem: string
}

/** A leaf with one thing wrong, or nothing. All but `wrong-host` are for localhost, 127.0.0.1 and ::1. */
export type CertificateRole =
  'good' | 'expired' | 'not-yet-valid' | 'wrong-host' | 'self-signed' | 'unknown-ca' | 'missing-intermediate'

/** A certificate authority that lives as long as the test. */
export class CertificateAuthority {
  /** The authority's own certificate: the anchor to trust, unless this is an intermediate. */
  readonly certificatePem: string
  /** The intermediates from here up, without the root; empty for a root. */
  readonly intermediatesPem: string
  /** The authority's own key, PKCS#8: for what it signs that is no certificate. */
  readonly privateKeyPem: string
  readonly #issuer: Issuer

  private constructor(certificatePem: string, intermediatesPem: string, privateKeyPem: string, issuer: Issuer) {
    this.certificatePem = certificatePem
    this.intermediatesPem = intermediatesPem
    this.privateKeyPem = privateKeyPem
    this.#issuer = issuer
  }

  /** A new root. */
  static async create(options: AuthorityOptions = {}): Promise<CertificateAuthority> {
    const own = await createIssuer(options, 'Test Root')
    const pem = await signAuthority(own, own, options)
    return new CertificateAuthority(pem, '', await exportKey(own.keys), own)
  }

  /** An authority signed by this one; what it issues carries it in `chainPem`. */
  async createIntermediate(options: AuthorityOptions = {}): Promise<CertificateAuthority> {
    const own = await createIssuer(options, 'Test Intermediate')
    const pem = await signAuthority(this.#issuer, own, options)
    return new CertificateAuthority(pem, pem + this.intermediatesPem, await exportKey(own.keys), own)
  }

  /**
   * One more certificate, in PEM and signed by this authority, for the name and key of another: a cross-signed one. For
   * its own name and key: the root again, such as an older one.
   */
  async certify(authority: CertificateAuthority, options: CertifyOptions = {}): Promise<string> {
    return await signAuthority(this.#issuer, authority.#issuer, options)
  }

  /** A leaf signed by this authority. */
  async issue(options: IssueOptions = {}): Promise<IssuedCertificate> {
    return await issueLeaf(this.#issuer, this.intermediatesPem, options)
  }

  /** A leaf that signed itself, which no authority knows. */
  static async selfSigned(options: IssueOptions = {}): Promise<IssuedCertificate> {
    return await issueLeaf(null, '', options)
  }

  /** A certificate revocation list of this authority, in PEM. */
  async createRevocationList(options: RevocationListOptions = {}): Promise<string> {
    return await signRevocationList(this.#issuer, options)
  }

  /** The leaf for one role; other options may be given too. */
  async issueRole(role: CertificateRole, options: IssueOptions = {}): Promise<IssuedCertificate> {
    const now = Date.now()
    switch (role) {
      case 'good':
        return await this.issue(options)
      case 'expired':
        return await this.issue({ notBefore: new Date(now - 3 * DAY), notAfter: new Date(now - DAY), ...options })
      case 'not-yet-valid':
        return await this.issue({ notBefore: new Date(now + DAY), notAfter: new Date(now + 3 * DAY), ...options })
      case 'wrong-host':
        return await this.issue({ dnsNames: ['elsewhere.test'], ...options })
      case 'self-signed':
        return await CertificateAuthority.selfSigned(options)
      case 'unknown-ca':
        return await (await CertificateAuthority.create({ commonName: 'Unknown Root' })).issue(options)
      case 'missing-intermediate': {
        const issued = await (await this.createIntermediate()).issue(options)
        return { ...issued, chainPem: issued.certificatePem }
      }
    }
  }
}

async function createIssuer({ commonName, keyType }: CommonOptions, defaultName: string): Promise<Issuer> {
  return { name: distinguishedName(commonName ?? defaultName), keys: await generateKeys(keyType ?? 'ecdsa-p256') }
}

async function signAuthority(issuer: Issuer, own: Issuer, options: CertifyOptions): Promise<string> {
  const { notBefore, notAfter, signatureHash } = options
  return await signCertificate({
    subject: own.name,
    keys: own.keys,
    issuer,
    notBefore,
    notAfter,
    signatureHash,
    extensions: authorityExtensions(options),
  })
}

async function issueLeaf(
  issuer: Issuer | null,
  intermediatesPem: string,
  options: IssueOptions,
): Promise<IssuedCertificate> {
  const { notBefore, notAfter, signatureHash, keyType = 'ecdsa-p256' } = options
  const own = await createIssuer(options, leafNames(options).dnsNames[0] ?? 'localhost')
  const certificatePem = await signCertificate({
    subject: own.name,
    keys: own.keys,
    issuer: issuer ?? own,
    notBefore,
    notAfter,
    signatureHash,
    extensions: leafExtensions(options, keyType, issuer === null),
  })
  return { certificatePem, privateKeyPem: await exportKey(own.keys), chainPem: certificatePem + intermediatesPem }
}

function distinguishedName(commonName: string): string {
  return `CN=${commonName}`
}
