// The nameConstraints extension, decoded strictly: a constraint that is no valid name makes the extension malformed.
// Called by certificate-extensions.ts. RFC 5280 section 4.2.1.10.

import { isCidrMask } from './ip-octets.ts'
import { constructedContextTag, DerReader, DerTag, malformed } from './der-reader.ts'
import { decodeGeneralName, type GeneralName } from './general-name.ts'
import { isHostName } from './host-name.ts'

export interface NameConstraints {
  /** Names of a kind that stands here must be inside one of them. */
  readonly permitted: readonly GeneralName[]
  /** No name may be inside one of them. */
  readonly excluded: readonly GeneralName[]
}

/** @throws {TlsError} `BAD_CERTIFICATE` when malformed, or when it constrains nothing at all. */
export function decodeNameConstraints(contents: Buffer): NameConstraints {
  const reader = new DerReader(contents)
  const sequence = reader.inside(DerTag.SEQUENCE)
  reader.end()
  const permitted = subtrees(sequence.optional(constructedContextTag(0)))
  const excluded = subtrees(sequence.optional(constructedContextTag(1)))
  sequence.end()
  if (permitted.length + excluded.length === 0) throw malformed('A name constraint')
  return { permitted, excluded }
}

function subtrees(contents: Buffer | null): readonly GeneralName[] {
  if (contents === null) return []
  const reader = new DerReader(contents)
  if (reader.atEnd) throw malformed('A name constraint')
  return Array.from(reader.rest(DerTag.SEQUENCE), subtree)
}

function subtree(contents: Buffer): GeneralName {
  const reader = new DerReader(contents)
  const base = decodeGeneralName(reader.element())
  // The profile allows neither a minimum nor a maximum, and DER does not write the default minimum of 0.
  reader.end()
  if (!isValidConstraint(base)) throw malformed('A name constraint')
  return base
}

function isValidConstraint(base: GeneralName): boolean {
  switch (base.kind) {
    case 'dns':
    case 'uri':
      return base.value === '' || isHostName(base.value.replace(/^\./, ''))
    case 'email':
      return isEmailConstraint(base.value)
    case 'ip':
      return (base.octets.length === 8 || base.octets.length === 32) && isCidrMask(base.octets)
    default:
      return true
  }
}

/** A mailbox, a host, or with a leading dot everything below a host. */
function isEmailConstraint(value: string): boolean {
  const at = value.indexOf('@')
  if (at < 0) return value === '' || isHostName(value.replace(/^\./, ''))
  return at > 0 && isHostName(value.slice(at + 1))
}
