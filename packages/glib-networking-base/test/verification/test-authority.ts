// An authority that certifies whatever it is told to, for the checks that an honest one gives no occasion for.
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { TlsCertificate } from '../../src/index.ts'
import {
  bitString,
  boolean,
  der,
  distinguishedName,
  explicit,
  generalizedTime,
  integer,
  octetString,
  oid,
  sequence,
} from './der-writer.ts'

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))

export interface Extension {
  readonly oid: string
  readonly critical?: boolean
  readonly value: Uint8Array
}

export interface CertifyOptions {
  readonly commonName: string
  /** The whole name in DER, in place of the common name. */
  readonly subject?: Uint8Array
  /** Default: a new pair. */
  readonly keys?: TestKeys
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly serialNumber?: number
  /** In place of the usual ones with the same identifier, or beside them. */
  readonly extensions?: readonly Extension[]
  /** Extensions to leave out. */
  readonly without?: readonly string[]
}

export interface ListOptions {
  readonly serialNumbers?: readonly number[]
  /** Entries beside those of `serialNumbers`. */
  readonly rawEntries?: readonly Uint8Array[]
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date | null
  /** Default: the number of the list and the authority's key identifier. */
  readonly extensions?: readonly Extension[]
  /** Who really signs; default: the authority. */
  readonly keys?: TestKeys
}

export interface TestKeys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export const Oid = {
  SKI: '2.5.29.14',
  KEY_USAGE: '2.5.29.15',
  SAN: '2.5.29.17',
  BASIC_CONSTRAINTS: '2.5.29.19',
  CRL_NUMBER: '2.5.29.20',
  ISSUING_DISTRIBUTION_POINT: '2.5.29.28',
  NAME_CONSTRAINTS: '2.5.29.30',
  POLICIES: '2.5.29.32',
  POLICY_MAPPINGS: '2.5.29.33',
  AKI: '2.5.29.35',
  POLICY_CONSTRAINTS: '2.5.29.36',
  EKU: '2.5.29.37',
  INHIBIT_ANY_POLICY: '2.5.29.54',
  TLS_FEATURE: '1.3.6.1.5.5.7.1.24',
} as const

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const FROM = new Date('2026-01-01T00:00:00Z')
const TO = new Date('2027-01-01T00:00:00Z')
/** A moment at which everything made here is valid unless said otherwise. */
export const NOON = new Date('2026-06-01T12:00:00Z')

export const newKeys = (): TestKeys => generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** A root or an intermediate with its key. */
export class TestAuthority {
  readonly certificate: TlsCertificate
  readonly name: string
  readonly keys: TestKeys
  #serialNumber = 1

  private constructor(certificate: TlsCertificate, name: string, keys: TestKeys) {
    this.certificate = certificate
    this.name = name
    this.keys = keys
  }

  static root(commonName = 'Root', options: Partial<CertifyOptions> = {}): TestAuthority {
    const keys = options.keys ?? newKeys()
    const certificate = certify(commonName, keys, { ...options, commonName, keys }, authorityExtensions())
    return new TestAuthority(certificate, commonName, keys)
  }

  intermediate(commonName = 'Intermediate', options: Partial<CertifyOptions> = {}): TestAuthority {
    const keys = options.keys ?? newKeys()
    const certificate = this.#certify({ ...options, commonName, keys }, authorityExtensions())
    return new TestAuthority(certificate, commonName, keys)
  }

  /** A server's certificate for `example.test`. */
  leaf(options: Partial<CertifyOptions> = {}): TlsCertificate {
    return this.#certify({ commonName: 'leaf', ...options }, leafExtensions())
  }

  /** A revocation list in DER. */
  revocationList(options: ListOptions = {}): Buffer {
    const revoked = (options.serialNumbers ?? []).map((number) => sequence(integer(number), generalizedTime(FROM)))
    const entries = [...revoked, ...(options.rawEntries ?? [])]
    const nextUpdate = options.nextUpdate === undefined ? TO : options.nextUpdate
    const extensions = options.extensions ?? [crlNumber(), authorityKeyIdentifier(this.keys.publicKey)]
    return signed(
      options.keys ?? this.keys,
      integer(1),
      ECDSA_SHA256,
      distinguishedName(this.name),
      generalizedTime(options.thisUpdate ?? FROM),
      ...(nextUpdate === null ? [] : [generalizedTime(nextUpdate)]),
      ...(entries.length === 0 ? [] : [sequence(...entries)]),
      ...(extensions.length === 0 ? [] : [explicit(0, sequence(...extensions.map(encodeExtension)))]),
    )
  }

  #certify(options: CertifyOptions, usual: readonly Extension[]): TlsCertificate {
    const serialNumber = options.serialNumber ?? ++this.#serialNumber
    return certify(this.name, this.keys, { ...options, serialNumber }, usual)
  }
}

function certify(
  issuer: string,
  issuerKeys: TestKeys,
  options: CertifyOptions,
  usual: readonly Extension[],
): TlsCertificate {
  const { publicKey } = options.keys ?? newKeys()
  const given = options.extensions ?? []
  const all = [...usual, subjectKeyIdentifier(publicKey), authorityKeyIdentifier(issuerKeys.publicKey)]
  const kept = all.filter(
    (extension) => ![...given.map((one) => one.oid), ...(options.without ?? [])].includes(extension.oid),
  )
  const tbs = [
    explicit(0, integer(2)),
    integer(options.serialNumber ?? 1),
    ECDSA_SHA256,
    distinguishedName(issuer),
    sequence(generalizedTime(options.notBefore ?? FROM), generalizedTime(options.notAfter ?? TO)),
    options.subject ?? distinguishedName(options.commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...[...kept, ...given].map(encodeExtension))),
  ]
  return new TlsCertificate(signed(issuerKeys, ...tbs))
}

function signed(keys: TestKeys, ...fields: readonly Uint8Array[]): Buffer {
  const tbs = sequence(...fields)
  return sequence(tbs, ECDSA_SHA256, bitString(sign('sha256', tbs, keys.privateKey)))
}

function encodeExtension({ oid: identifier, critical = false, value }: Extension): Buffer {
  return sequence(oid(identifier), ...(critical ? [boolean(true)] : []), octetString(value))
}

function authorityExtensions(): readonly Extension[] {
  return [
    { oid: Oid.BASIC_CONSTRAINTS, critical: true, value: sequence(boolean(true)) },
    { oid: Oid.KEY_USAGE, critical: true, value: der(0x03, Buffer.from([1, 0x06])) },
  ]
}

function leafExtensions(): readonly Extension[] {
  return [
    { oid: Oid.KEY_USAGE, critical: true, value: der(0x03, Buffer.from([7, 0x80])) },
    { oid: Oid.EKU, value: sequence(oid(SERVER_AUTH)) },
    subjectAltName('example.test'),
  ]
}

export function subjectAltName(...dnsNames: readonly string[]): Extension {
  return { oid: Oid.SAN, value: sequence(...dnsNames.map((name) => der(0x82, Buffer.from(name)))) }
}

export function pathLength(length: number): Extension {
  return { oid: Oid.BASIC_CONSTRAINTS, critical: true, value: sequence(boolean(true), integer(length)) }
}

export function crlNumber(): Extension {
  return { oid: Oid.CRL_NUMBER, value: integer(1) }
}

export function authorityKeyIdentifier(key: KeyObject): Extension {
  return { oid: Oid.AKI, value: sequence(der(0x80, keyIdentifier(key))) }
}

function subjectKeyIdentifier(key: KeyObject): Extension {
  return { oid: Oid.SKI, value: octetString(keyIdentifier(key)) }
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}
