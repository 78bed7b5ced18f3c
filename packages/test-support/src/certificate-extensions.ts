// The extensions of the certificates CertificateAuthority makes. RFC 5280 section 4.2, RFC 7633.

import 'reflect-metadata' // @peculiar/x509 will not load without it
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  NameConstraints,
} from '@peculiar/asn1-x509'
import {
  BasicConstraintsExtension,
  Extension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509'
import type { KeyType } from './key-pairs.ts'

const TLS_FEATURE = '1.3.6.1.5.5.7.1.24'
/** A list of the one feature status_request (5). */
const STATUS_REQUEST = new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x05])

const EXTENDED_KEY_USAGES = {
  server: ExtendedKeyUsage.serverAuth,
  client: ExtendedKeyUsage.clientAuth,
  /** A responder the authority delegates to (RFC 6960 section 4.2.2.2). */
  ocsp: ExtendedKeyUsage.ocspSigning,
} as const

export type CertificateUsage = keyof typeof EXTENDED_KEY_USAGES

/** An extension in its encoding, for what has no option of its own. */
export interface RawExtension {
  readonly oid: string
  readonly critical: boolean
  /** DER. */
  readonly value: Uint8Array
}

/** Names and addresses with everything below them. */
export interface NameSubtrees {
  readonly dnsNames?: readonly string[] | undefined
  /** In CIDR notation. */
  readonly ipRanges?: readonly string[] | undefined
}

export interface LeafExtensionOptions {
  /** Default `['localhost']`, unless `ipAddresses` is given. */
  readonly dnsNames?: readonly string[] | undefined
  /** Default `['127.0.0.1', '::1']`, unless `dnsNames` is given. */
  readonly ipAddresses?: readonly string[] | undefined
  /** What the certificate may be used for; default: `server` and `client`. */
  readonly usages?: readonly CertificateUsage[] | undefined
  /** Whether only a handshake with a stapled OCSP response is to be trusted (RFC 7633). Default false. */
  readonly mustStaple?: boolean | undefined
  readonly extensions?: readonly RawExtension[] | undefined
}

export interface AuthorityExtensionOptions {
  /** How many intermediates may stand below it; default: any number. */
  readonly pathLength?: number | undefined
  /** Whether it says that it is an authority at all; default true. */
  readonly isAuthority?: boolean | undefined
  /** What it may issue certificates for; default: everything. */
  readonly permitted?: NameSubtrees | undefined
  /** What it may not issue certificates for; default: nothing. */
  readonly excluded?: NameSubtrees | undefined
  /** What the certificates below may be used for; default: not limited. */
  readonly usages?: readonly CertificateUsage[] | undefined
  readonly extensions?: readonly RawExtension[] | undefined
}

/** The names of a leaf, with the defaults for those not given. */
export function leafNames(options: LeafExtensionOptions): {
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
} {
  const named = options.dnsNames !== undefined || options.ipAddresses !== undefined
  return {
    dnsNames: options.dnsNames ?? (named ? [] : ['localhost']),
    ipAddresses: options.ipAddresses ?? (named ? [] : ['127.0.0.1', '::1']),
  }
}

export function leafExtensions(options: LeafExtensionOptions, keyType: KeyType, selfSigned: boolean): Extension[] {
  const { dnsNames, ipAddresses } = leafNames(options)
  const names: JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(leafUsages(keyType, selfSigned), true),
    extendedKeyUsage(options.usages ?? ['server', 'client']),
    ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
    ...(options.mustStaple === true ? [new Extension(TLS_FEATURE, false, STATUS_REQUEST)] : []),
    ...(options.extensions ?? []).map(rawExtension),
  ]
}

export function authorityExtensions(options: AuthorityExtensionOptions): Extension[] {
  const { permitted, excluded, usages } = options
  return [
    new BasicConstraintsExtension(options.isAuthority ?? true, options.pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ...(usages === undefined ? [] : [extendedKeyUsage(usages)]),
    ...(permitted === undefined && excluded === undefined ? [] : [nameConstraints(permitted, excluded)]),
    ...(options.extensions ?? []).map(rawExtension),
  ]
}

function extendedKeyUsage(usages: readonly CertificateUsage[]): Extension {
  return new ExtendedKeyUsageExtension(usages.map((usage) => EXTENDED_KEY_USAGES[usage]))
}

function nameConstraints(permitted: NameSubtrees | undefined, excluded: NameSubtrees | undefined): Extension {
  const value = new NameConstraints({
    ...(permitted && { permittedSubtrees: subtrees(permitted) }),
    ...(excluded && { excludedSubtrees: subtrees(excluded) }),
  })
  return new Extension(id_ce_nameConstraints, true, AsnConvert.serialize(value))
}

function subtrees({ dnsNames = [], ipRanges = [] }: NameSubtrees): GeneralSubtrees {
  return new GeneralSubtrees([
    ...dnsNames.map((dNSName) => new GeneralSubtree({ base: new GeneralName({ dNSName }) })),
    ...ipRanges.map((iPAddress) => new GeneralSubtree({ base: new GeneralName({ iPAddress }) })),
  ])
}

function rawExtension({ oid, critical, value }: RawExtension): Extension {
  return new Extension(oid, critical, new Uint8Array(value))
}

function leafUsages(keyType: KeyType, selfSigned: boolean): KeyUsageFlags {
  let usages: KeyUsageFlags = KeyUsageFlags.digitalSignature
  if (keyType !== 'ecdsa-p256') usages |= KeyUsageFlags.keyEncipherment
  if (selfSigned) usages |= KeyUsageFlags.keyCertSign
  return usages
}
