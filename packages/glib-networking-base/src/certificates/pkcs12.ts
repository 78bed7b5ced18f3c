// Opens PKCS#12 files (.p12, .pfx): the certificates in them and the private key. Called by TlsCertificate.
// RFC 7292.

import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { ContentInfo } from '@peculiar/asn1-cms'
import {
  AuthenticatedSafe,
  CertBag,
  id_certBag,
  id_keyBag,
  id_pkcs8ShroudedKeyBag,
  id_SafeContents,
  id_x509Certificate,
  PFX,
  type SafeBag,
  SafeContents,
} from '@peculiar/asn1-pfx'
import { EncryptedPrivateKeyInfo } from '@peculiar/asn1-pkcs8'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { TlsError } from '../errors.ts'
import { DerivationBudget } from './derivation-budget.ts'
import { decryptWithPassword } from './password-based-encryption.ts'
import { BerOctets, EncryptedData } from './password-based-schema.ts'
import { PasswordBytes } from './password-bytes.ts'
import { checkPkcs12Mac } from './pkcs12-mac.ts'

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'

/** A key with its chain has 2 to 10 KiB; what holds more is no certificate of somebody's own. */
const MAXIMUM_BYTES = 256 * 1024
const MAXIMUM_BAGS = 100
/** SafeContents within SafeContents, which nobody writes. */
const MAXIMUM_NESTING = 4

export interface Pkcs12Contents {
  /** DER, in the order of the file. */
  readonly certificates: readonly Buffer[]
  /** The first private key; null when there is none. */
  readonly privateKey: KeyObject | null
}

interface Opening {
  readonly password: PasswordBytes
  readonly budget: DerivationBudget
}

/**
 * @param password In UTF-8; null when there is none, which opens files with an empty one too.
 * @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when the password is wrong or missing; `BAD_CERTIFICATE` when the file
 *   cannot be decoded, is encrypted with RC2 or RC4, is larger than 256 KiB, or takes more than seconds to decrypt.
 */
export function decodePkcs12(data: Uint8Array, password: string | Uint8Array | null): Pkcs12Contents {
  if (data.length > MAXIMUM_BYTES) throw new TlsError('BAD_CERTIFICATE', 'The PKCS#12 file is larger than 256 KiB.')
  const given = PasswordBytes.from(password ?? '')
  const budget = new DerivationBudget()
  try {
    const pfx = AsnConvert.parse(data, PFX)
    if (!given.isEmpty) return open(pfx, { password: given, budget })
    return openWithout(pfx, given, budget)
  } catch (error) {
    if (error instanceof TlsError) throw error
    throw new TlsError('BAD_CERTIFICATE', 'The PKCS#12 file cannot be decoded.', { cause: error })
  } finally {
    given.clear()
  }
}

/** No password and an empty one are two things in this format, and writers take the one for the other. */
function openWithout(pfx: PFX, empty: PasswordBytes, budget: DerivationBudget): Pkcs12Contents {
  try {
    return open(pfx, { password: empty, budget })
  } catch (error) {
    if (!(error instanceof TlsError) || error.code !== 'BAD_CERTIFICATE_PASSWORD') throw error
    return open(pfx, { password: PasswordBytes.none(), budget })
  }
}

function open(pfx: PFX, opening: Opening): Pkcs12Contents {
  if (pfx.version !== 3 || pfx.authSafe.contentType !== DATA) {
    throw new TlsError('BAD_CERTIFICATE', 'The PKCS#12 file is signed with a key, which is not supported.')
  }
  const content = octets(pfx.authSafe.content)
  // A file without MAC has nothing in this place.
  if (pfx.macData.mac.digest.byteLength > 0) checkPkcs12Mac(pfx.macData, content, opening.password, opening.budget)
  const bags: SafeBag[] = []
  for (const part of AsnConvert.parse(content, AuthenticatedSafe)) {
    collectBags(AsnConvert.parse(safeContents(part, opening), SafeContents), bags, MAXIMUM_NESTING)
  }
  return {
    certificates: bags.filter(({ bagId }) => bagId === id_certBag).flatMap(certificateOf),
    privateKey: firstPrivateKey(bags, opening),
  }
}

function safeContents(part: ContentInfo, { password, budget }: Opening): Uint8Array {
  if (part.contentType === DATA) return octets(part.content)
  if (part.contentType !== ENCRYPTED_DATA) {
    throw new TlsError('BAD_CERTIFICATE', 'A part of the PKCS#12 file is encrypted with a key, which is not supported.')
  }
  const { contentEncryptionAlgorithm, encryptedContent } = AsnConvert.parse(part.content, EncryptedData).content
  const pieces = encryptedContent?.constructedValue ?? [encryptedContent?.value ?? new OctetString()]
  const data = Buffer.concat(pieces.map(({ buffer }) => new Uint8Array(buffer)))
  return decryptWithPassword(contentEncryptionAlgorithm, data, password, budget)
}

function collectBags(contents: SafeContents, into: SafeBag[], nesting: number): void {
  for (const bag of contents) {
    if (into.length >= MAXIMUM_BAGS) throw new TlsError('BAD_CERTIFICATE', 'The PKCS#12 file holds too many things.')
    if (bag.bagId !== id_SafeContents) into.push(bag)
    else if (nesting > 0) collectBags(AsnConvert.parse(bag.bagValue, SafeContents), into, nesting - 1)
  }
}

function certificateOf({ bagValue }: SafeBag): readonly Buffer[] {
  const { certId, certValue } = AsnConvert.parse(bagValue, CertBag)
  return certId === id_x509Certificate ? [Buffer.from(octets(certValue))] : []
}

function firstPrivateKey(bags: readonly SafeBag[], { password, budget }: Opening): KeyObject | null {
  const bag = bags.find(({ bagId }) => bagId === id_pkcs8ShroudedKeyBag || bagId === id_keyBag)
  if (bag === undefined) return null
  if (bag.bagId === id_keyBag) return privateKeyOf(Buffer.from(bag.bagValue))
  const { encryptionAlgorithm, encryptedData } = AsnConvert.parse(bag.bagValue, EncryptedPrivateKeyInfo)
  const decrypted = decryptWithPassword(encryptionAlgorithm, new Uint8Array(encryptedData.buffer), password, budget)
  try {
    return privateKeyOf(decrypted)
  } finally {
    decrypted.fill(0)
  }
}

function privateKeyOf(der: Buffer): KeyObject {
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

function octets(value: ArrayBuffer): Uint8Array {
  return new Uint8Array(AsnConvert.parse(value, BerOctets).buffer)
}
