// A certificate authority and a certificate for localhost, made in memory for one run of the demo site.
// Called by demo-site.ts. Nothing of it is written to disk, and it is valid for a day. RFC 5280 section 4.

import 'reflect-metadata' // @peculiar/x509 does not load without it
import { randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const AUTHORITY_NAME = 'CN=MiniBrowser demo authority (this run only)'
const DAY_MS = 24 * 60 * 60 * 1000
/** Clocks of two processes on one machine agree, but a certificate that starts now has failed before. */
const CLOCK_SLACK_MS = 60 * 1000

/** PEM texts for the demo site. */
export interface DemoCertificates {
  readonly authorityPem: string
  readonly certificatePem: string
  /** PKCS #8. */
  readonly privateKeyPem: string
}

/**
 * Makes the authority and a leaf for `localhost`, 127.0.0.1 and ::1. The authority's key is dropped on return, so nobody
 * can sign with it again.
 *
 * @param nowMs The moment validity is reckoned from, in ms since the epoch.
 */
export async function makeDemoCertificates(nowMs: number = Date.now()): Promise<DemoCertificates> {
  const validity = { notBefore: new Date(nowMs - CLOCK_SLACK_MS), notAfter: new Date(nowMs + DAY_MS) }
  const authorityKeys = await generateKeys()
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: AUTHORITY_NAME,
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  })
  const keys = await generateKeys()
  const certificate = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(),
    subject: 'CN=localhost',
    issuer: AUTHORITY_NAME,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  })
  return {
    authorityPem: authority.toString('pem'),
    certificatePem: certificate.toString('pem'),
    privateKeyPem: await toPem(keys.privateKey),
  }
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

/** 16 random bytes with the top bit clear: positive, and within the 20 octets of RFC 5280 section 4.1.2.2. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

async function toPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}
