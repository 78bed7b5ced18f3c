// Opens PKCS#12 files (.p12, .pfx): the certificates in them and the private key. Called by TlsCertificate.
// RFC 7292.

import type { KeyObject } from 'node:crypto'
import { TlsError } from '../errors.ts'
import { algorithmIdentifier } from '../verification/decoded-certificate.ts'
import { constructedContextTag, contextTag, DerReader, DerTag, malformed } from '../verification/der-reader.ts'
import { berToDer } from './ber-to-der.ts'
import { DerivationBudget } from './derivation-budget.ts'
import { decryptWithPassword } from './password-based-encryption.ts'
import { PasswordBytes } from './password-bytes.ts'
import { checkPkcs12Mac } from './pkcs12-mac.ts'
import { decryptPrivateKeyInfo, privateKeyFromInfo } from './private-key-info.ts'

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1'

/** What is in a file. */
const Bag = {
  KEY: '1.2.840.113549.1.12.10.1.1',
  ENCRYPTED_KEY: '1.2.840.113549.1.12.10.1.2',
  CERTIFICATE: '1.2.840.113549.1.12.10.1.3',
  BAGS: '1.2.840.113549.1.12.10.1.6',
} as const

const VERSION = 3
/** A key with its chain has 2 to 10 KiB; what holds more is no certificate of somebody's own. */
const MAXIMUM_BYTES = 256 * 1024
const MAXIMUM_BAGS = 100
/** Bags within bags, which nobody writes. */
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

interface SafeBag {
  readonly type: string
  readonly value: DerReader
}

/**
 * @param password In UTF-8; null when there is none, which opens files with an empty one too.
 * @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when the password is wrong or missing; `BAD_CERTIFICATE` when the file
 *   cannot be decoded, is encrypted with RC2 or RC4, is larger than 256 KiB, or takes more than seconds to decrypt.
 */
export function decodePkcs12(data: Uint8Array, password: string | Uint8Array | null): Pkcs12Contents {
  if (data.length > MAXIMUM_BYTES) throw new TlsError('BAD_CERTIFICATE', 'The PKCS#12 file is larger than 256 KiB.')
  const budget = new DerivationBudget()
  const der = berToDer(data)
  if (password !== null && password.length > 0) {
    using given = PasswordBytes.from(password)
    return open(der, { password: given, budget })
  }
  // No password and an empty one are two things in this format, and writers take the one for the other.
  const [none, empty] = [PasswordBytes.none(), PasswordBytes.from('')]
  return openWithEither(der, password === null ? [none, empty] : [empty, none], budget)
}

function openWithEither(
  der: Buffer,
  [first, second]: readonly [PasswordBytes, PasswordBytes],
  budget: DerivationBudget,
): Pkcs12Contents {
  try {
    return open(der, { password: first, budget })
  } catch (error) {
    if (!(error instanceof TlsError) || error.code !== 'BAD_CERTIFICATE_PASSWORD') throw error
    return open(der, { password: second, budget })
  }
}

function open(der: Buffer, opening: Opening): Pkcs12Contents {
  const pfx = new DerReader(der).inside(DerTag.SEQUENCE)
  if (pfx.count() !== VERSION) throw malformed('The version of a PKCS#12 file')
  const authSafe = pfx.inside(DerTag.SEQUENCE)
  if (authSafe.oid() !== DATA) {
    throw new TlsError('BAD_CERTIFICATE', 'The PKCS#12 file is signed with a key, which is not supported.')
  }
  const content = authSafe.inside(constructedContextTag(0)).read(DerTag.OCTET_STRING)
  // A file need not have a MAC.
  if (!pfx.atEnd) checkPkcs12Mac(pfx.inside(DerTag.SEQUENCE), content, opening.password, opening.budget)
  const bags: SafeBag[] = []
  for (const part of elementsOf(berToDer(content))) collectBags(safeContents(part, opening), bags, MAXIMUM_NESTING)
  return {
    certificates: bags.filter(({ type }) => type === Bag.CERTIFICATE).flatMap(certificateOf),
    privateKey: firstPrivateKey(bags, opening),
  }
}

/** The bags in one part, decrypted if need be, as a SEQUENCE in DER. */
function safeContents(part: DerReader, { password, budget }: Opening): Buffer {
  const type = part.oid()
  const content = part.inside(constructedContextTag(0))
  if (type === DATA) return berToDer(content.read(DerTag.OCTET_STRING))
  if (type !== ENCRYPTED_DATA) {
    throw new TlsError('BAD_CERTIFICATE', 'A part of the PKCS#12 file is encrypted with a key, which is not supported.')
  }
  const encrypted = content.inside(DerTag.SEQUENCE)
  encrypted.count() // The version, which says nothing that is not seen anyway.
  const info = encrypted.inside(DerTag.SEQUENCE)
  if (info.oid() !== DATA) throw malformed('A part of a PKCS#12 file')
  const plain = decryptWithPassword(algorithmIdentifier(info), implicitOctets(info), password, budget)
  try {
    return berToDer(plain)
  } catch (cause) {
    // Now and then a wrong password decrypts to something with the right padding.
    throw new TlsError('BAD_CERTIFICATE_PASSWORD', 'The password of the PKCS#12 file is wrong.', { cause })
  }
}

/** A string of octets tagged [0], whole or in pieces. */
function implicitOctets(reader: DerReader): Buffer {
  const whole = reader.optional(contextTag(0))
  return whole ?? Buffer.concat([...reader.inside(constructedContextTag(0)).rest(DerTag.OCTET_STRING)])
}

function collectBags(contents: Buffer, into: SafeBag[], nesting: number): void {
  for (const bag of elementsOf(contents)) {
    if (into.length >= MAXIMUM_BAGS) throw new TlsError('BAD_CERTIFICATE', 'The PKCS#12 file holds too many things.')
    const type = bag.oid()
    const explicit = bag.read(constructedContextTag(0))
    if (type !== Bag.BAGS) into.push({ type, value: new DerReader(explicit) })
    else if (nesting > 0) collectBags(explicit, into, nesting - 1)
  }
}

function certificateOf({ value }: SafeBag): readonly Buffer[] {
  const bag = value.inside(DerTag.SEQUENCE)
  if (bag.oid() !== X509_CERTIFICATE) return []
  return [bag.inside(constructedContextTag(0)).read(DerTag.OCTET_STRING)]
}

function firstPrivateKey(bags: readonly SafeBag[], { password, budget }: Opening): KeyObject | null {
  const bag = bags.find(({ type }) => type === Bag.ENCRYPTED_KEY || type === Bag.KEY)
  if (bag === undefined) return null
  if (bag.type === Bag.ENCRYPTED_KEY) return decryptPrivateKeyInfo(bag.value, password, budget)
  return privateKeyFromInfo(bag.value.element().raw)
}

/** The elements of a SEQUENCE of SEQUENCEs. */
function elementsOf(sequence: Buffer): readonly DerReader[] {
  const list = new DerReader(sequence).inside(DerTag.SEQUENCE)
  return Array.from(list.rest(DerTag.SEQUENCE), (contents) => new DerReader(contents))
}
