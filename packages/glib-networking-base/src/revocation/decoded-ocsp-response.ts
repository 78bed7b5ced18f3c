// An OCSP response as ocsp-response.ts judges it: decoded, nothing checked yet.
// RFC 6960 section 4.2.1.

import type { RawExtension } from '../verification/certificate-extensions.ts'
import {
  type AlgorithmIdentifier,
  algorithmIdentifier,
  distinguishedName,
  rawExtensions,
} from '../verification/decoded-certificate.ts'
import { constructedContextTag, contextTag, DerReader, DerTag, malformed } from '../verification/der-reader.ts'
import type { DistinguishedName } from '../verification/distinguished-name.ts'

const SUCCESSFUL = 0
const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1'

/** Which certificate an answer is about. */
export interface OcspCertId {
  readonly hashAlgorithm: string
  readonly issuerNameHash: Buffer
  readonly issuerKeyHash: Buffer
  readonly serialNumber: Buffer
}

/** One answer. Times are in milliseconds since the epoch. */
export interface OcspSingleResponse {
  readonly certId: OcspCertId
  readonly status: 'good' | 'revoked' | 'unknown'
  /** Null unless `status` is `revoked`. */
  readonly revokedAt: number | null
  readonly thisUpdate: number
  readonly nextUpdate: number | null
  readonly extensions: readonly RawExtension[]
}

/** Who says that they signed: by name, or by the SHA-1 hash of their key. */
export type OcspResponderId = { readonly name: DistinguishedName } | { readonly keyHash: Buffer }

export interface BasicOcspResponse {
  readonly responderId: OcspResponderId
  readonly responses: readonly OcspSingleResponse[]
  readonly extensions: readonly RawExtension[]
  /** What is signed. */
  readonly signedData: Buffer
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Buffer
  /** What the responder sent along, each in DER. */
  readonly certificates: readonly Buffer[]
}

/**
 * The answer in an OCSPResponse; null when the responder gave none, or one of another type.
 *
 * @throws {TlsError} `BAD_CERTIFICATE` when it cannot be decoded.
 */
export function decodeOcspResponse(response: Uint8Array): BasicOcspResponse | null {
  const outer = new DerReader(Buffer.from(response))
  const whole = outer.inside(DerTag.SEQUENCE)
  outer.end()
  if (whole.count(DerTag.ENUMERATED) !== SUCCESSFUL) return null
  const explicit = whole.inside(constructedContextTag(0))
  whole.end()
  const bytes = explicit.inside(DerTag.SEQUENCE)
  explicit.end()
  if (bytes.oid() !== BASIC_RESPONSE) return null
  const basic = new DerReader(bytes.read(DerTag.OCTET_STRING))
  bytes.end()
  const sequence = basic.inside(DerTag.SEQUENCE)
  basic.end()
  return basicResponse(sequence)
}

function basicResponse(reader: DerReader): BasicOcspResponse {
  const signed = reader.element()
  if (signed.tag !== DerTag.SEQUENCE) throw malformed('An OCSP response')
  const signatureAlgorithm = algorithmIdentifier(reader)
  const signature = reader.bitStringOctets()
  const certificates = listOf(reader.optional(constructedContextTag(0)))
  reader.end()
  const data = new DerReader(signed.contents)
  version(data.optional(constructedContextTag(0)))
  const responderId = responder(data)
  data.time() // When it was produced, which says nothing about its validity.
  const responses = Array.from(data.inside(DerTag.SEQUENCE).rest(DerTag.SEQUENCE), singleResponse)
  const extensions = rawExtensions(data.optional(constructedContextTag(1)))
  data.end()
  return { responderId, responses, extensions, signedData: signed.raw, signatureAlgorithm, signature, certificates }
}

function version(explicit: Buffer | null): void {
  if (explicit !== null && new DerReader(explicit).count() !== 0) throw malformed('A version')
}

function responder(reader: DerReader): OcspResponderId {
  const byName = reader.optional(constructedContextTag(1))
  if (byName !== null) return { name: distinguishedName(new DerReader(byName)) }
  return { keyHash: reader.inside(constructedContextTag(2)).read(DerTag.OCTET_STRING) }
}

function singleResponse(contents: Buffer): OcspSingleResponse {
  const reader = new DerReader(contents)
  const id = reader.inside(DerTag.SEQUENCE)
  const certId = {
    hashAlgorithm: algorithmIdentifier(id).oid,
    issuerNameHash: id.read(DerTag.OCTET_STRING),
    issuerKeyHash: id.read(DerTag.OCTET_STRING),
    serialNumber: id.integer(),
  }
  id.end()
  const { status, revokedAt } = certificateStatus(reader)
  const thisUpdate = reader.time()
  const next = reader.optional(constructedContextTag(0))
  const extensions = rawExtensions(reader.optional(constructedContextTag(1)))
  reader.end()
  const nextUpdate = next === null ? null : new DerReader(next).time()
  return { certId, status, revokedAt, thisUpdate, nextUpdate, extensions }
}

function certificateStatus(reader: DerReader): Pick<OcspSingleResponse, 'status' | 'revokedAt'> {
  const { tag, contents } = reader.element()
  if (tag === contextTag(0)) return { status: 'good', revokedAt: null }
  if (tag === contextTag(2)) return { status: 'unknown', revokedAt: null }
  if (tag !== constructedContextTag(1)) throw malformed('The status of a certificate')
  return { status: 'revoked', revokedAt: new DerReader(contents).time() }
}

/** The elements of the SEQUENCE in `explicit`, whole. */
function listOf(explicit: Buffer | null): readonly Buffer[] {
  if (explicit === null) return []
  const list = new DerReader(explicit).inside(DerTag.SEQUENCE)
  const elements: Buffer[] = []
  while (!list.atEnd) elements.push(list.element().raw)
  return elements
}
