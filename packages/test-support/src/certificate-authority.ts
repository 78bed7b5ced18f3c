// Makes certificates at test time, so that no fixture expires in a drawer: a root, intermediates, and leaves of every
// kind a TLS client has to judge. Used by the tests of every package above TLS and by the demo site.
// RFC 5280 section 4.

import 'reflect-metadata' // @peculiar/x509 will not load without it
import { webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const DAY = 24 * 60 * 60_000

const EXTENDED_KEY_USAGES = {
  server: ExtendedKeyUsage.serverAuth,
  client: ExtendedKeyUsage.clientAuth,
  /** A responder the authority delegates to (RFC 6960 section 4.2.2.2). */
  ocsp: ExtendedKeyUsage.ocspSigning,
} as const

export type KeyType = 'ecdsa-p256' | 'rsa-2048' | 'rsa-1024'

export interface IssueOptions {
  /** Default: the first DNS name, else `localhost`. */
  readonly commonName?: string | undefined
  /** Default `['localhost']`, unless `ipAddresses` is given. */
  readonly dnsNames?: readonly string[] | undefined
  /** Default `['127.0.0.1', '::1']`, unless `dnsNames` is given. */
  readonly ipAddresses?: readonly string[] | undefined
  /** Default: a day ago. */
  readonly notBefore?: Date | undefined
  /** Default: 30 days from now. */
  readonly notAfter?: Date | undefined
  /** Default `ecdsa-p256`, which is made in a millisecond; `rsa-1024` is too weak on purpose. */
  readonly keyType?: KeyType | undefined
  /** What the authority signs with; default `SHA-256`. `SHA-1` is too weak on purpose. */
  readonly signatureHash?: 'SHA-256' | 'SHA-1' | undefined
  /** What the certificate may be used for; default: `server` and `client`. */
  readonly usages?: readonly (keyof typeof EXTENDED_KEY_USAGES)[] | undefined
}

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

export interface AuthorityOptions {
  /** Default `Test Root`. */
  readonly commonName?: string | undefined
  /** Default `ecdsa-p256`. */
  readonly keyType?: KeyType | undefined
}

interface Issuer {
  readonly name: string
  readonly keys: webcrypto.CryptoKeyPair
}

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
    const name = distinguishedName(options.commonName ?? 'Test Root')
    const keys = await generateKeys(options.keyType ?? 'ecdsa-p256')
    const pem = await sign({ subject: name, keys, issuer: { name, keys }, extensions: authorityExtensions() })
    return new CertificateAuthority(pem, '', await exportKey(keys), { name, keys })
  }

  /** An authority signed by this one; what it issues carries it in `chainPem`. */
  async createIntermediate(options: AuthorityOptions = {}): Promise<CertificateAuthority> {
    const name = distinguishedName(options.commonName ?? 'Test Intermediate')
    const keys = await generateKeys(options.keyType ?? 'ecdsa-p256')
    const pem = await sign({ subject: name, keys, issuer: this.#issuer, extensions: authorityExtensions() })
    return new CertificateAuthority(pem, pem + this.intermediatesPem, await exportKey(keys), { name, keys })
  }

  /** A leaf signed by this authority. */
  async issue(options: IssueOptions = {}): Promise<IssuedCertificate> {
    return await issueLeaf(this.#issuer, this.intermediatesPem, options)
  }

  /** A leaf that signed itself, which no authority knows. */
  static async selfSigned(options: IssueOptions = {}): Promise<IssuedCertificate> {
    return await issueLeaf(null, '', options)
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

async function issueLeaf(
  issuer: Issuer | null,
  intermediatesPem: string,
  options: IssueOptions,
): Promise<IssuedCertificate> {
  const named = options.dnsNames !== undefined || options.ipAddresses !== undefined
  const dnsNames = options.dnsNames ?? (named ? [] : ['localhost'])
  const ipAddresses = options.ipAddresses ?? (named ? [] : ['127.0.0.1', '::1'])
  const keyType = options.keyType ?? 'ecdsa-p256'
  const keys = await generateKeys(keyType)
  const names: JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  const usages = (options.usages ?? ['server', 'client']).map((usage) => EXTENDED_KEY_USAGES[usage])
  const subject = distinguishedName(options.commonName ?? dnsNames[0] ?? 'localhost')
  const certificatePem = await sign({
    subject,
    keys,
    issuer: issuer ?? { name: subject, keys },
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    signatureHash: options.signatureHash,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(leafUsages(keyType, issuer === null), true),
      new ExtendedKeyUsageExtension(usages),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
    ],
  })
  return { certificatePem, privateKeyPem: await exportKey(keys), chainPem: certificatePem + intermediatesPem }
}

interface SignOptions {
  readonly subject: string
  readonly keys: webcrypto.CryptoKeyPair
  readonly issuer: Issuer
  readonly notBefore?: Date | undefined
  readonly notAfter?: Date | undefined
  readonly signatureHash?: string | undefined
  readonly extensions: readonly Extension[]
}

async function sign(options: SignOptions): Promise<string> {
  const now = Date.now()
  const certificate = await X509CertificateGenerator.create({
    subject: options.subject,
    issuer: options.issuer.name,
    notBefore: options.notBefore ?? new Date(now - DAY),
    notAfter: options.notAfter ?? new Date(now + 30 * DAY),
    publicKey: options.keys.publicKey,
    signingKey: options.issuer.keys.privateKey,
    signingAlgorithm: {
      name: options.issuer.keys.privateKey.algorithm.name,
      hash: options.signatureHash ?? 'SHA-256',
    },
    extensions: [
      ...options.extensions,
      await SubjectKeyIdentifierExtension.create(options.keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(options.issuer.keys.publicKey),
    ],
  })
  return `${certificate.toString('pem').trim()}\n`
}

function authorityExtensions(): readonly Extension[] {
  return [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ]
}

function distinguishedName(commonName: string): string {
  return `CN=${commonName}`
}

function leafUsages(keyType: KeyType, selfSigned: boolean): KeyUsageFlags {
  let usages: KeyUsageFlags = KeyUsageFlags.digitalSignature
  if (keyType !== 'ecdsa-p256') usages |= KeyUsageFlags.keyEncipherment
  if (selfSigned) usages |= KeyUsageFlags.keyCertSign
  return usages
}

async function generateKeys(keyType: KeyType): Promise<webcrypto.CryptoKeyPair> {
  if (keyType === 'ecdsa-p256') {
    return await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  }
  return await webcrypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      publicExponent: new Uint8Array([1, 0, 1]),
      modulusLength: keyType === 'rsa-2048' ? 2048 : 1024,
    },
    true,
    ['sign', 'verify'],
  )
}

async function exportKey(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}
