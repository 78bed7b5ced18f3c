// The names a certificate may carry besides its subject. RFC 5280 section 4.2.1.6. Called by the extension decoders.

import { constructedContextTag, contextTag, type DerElement, DerReader, malformed } from './der-reader.ts'
import { DistinguishedName } from './distinguished-name.ts'

/** One name. Of the forms nobody here processes only the kind is kept, so that a constraint on it can be noticed. */
export type GeneralName =
  /** DNS names are in lower case. */
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  | { readonly kind: 'ip'; readonly octets: Buffer }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  | { readonly kind: 'other' | 'x400' | 'edi-party' | 'registered-id' }

/** The form of a name. */
export type GeneralNameKind = GeneralName['kind']

/** Decodes `element`. @throws {TlsError} `BAD_CERTIFICATE` for a form that does not exist or is malformed. */
export function decodeGeneralName(element: DerElement): GeneralName {
  const { tag, contents } = element
  switch (tag) {
    case contextTag(1):
      return { kind: 'email', value: ia5(contents) }
    case contextTag(2):
      return { kind: 'dns', value: ia5(contents).toLowerCase() }
    case contextTag(6):
      return { kind: 'uri', value: ia5(contents) }
    case contextTag(7):
      return { kind: 'ip', octets: contents }
    case constructedContextTag(4):
      return { kind: 'directory', name: directoryName(contents) }
    case constructedContextTag(0):
      return { kind: 'other' }
    case constructedContextTag(3):
      return { kind: 'x400' }
    case constructedContextTag(5):
      return { kind: 'edi-party' }
    case contextTag(8):
      return { kind: 'registered-id' }
    default:
      throw malformed('A name')
  }
}

/** The names of a GeneralNames sequence, at least one. @throws {TlsError} `BAD_CERTIFICATE` when malformed. */
export function decodeGeneralNames(contents: Buffer): readonly GeneralName[] {
  const reader = new DerReader(contents)
  const names: GeneralName[] = []
  while (!reader.atEnd) names.push(decodeGeneralName(reader.element()))
  if (names.length === 0) throw malformed('A list of names')
  return names
}

/** An IA5String; octets beyond ASCII become characters that match no name. */
function ia5(contents: Buffer): string {
  return contents.toString('latin1')
}

/** Explicitly tagged, since Name is a CHOICE. */
function directoryName(contents: Buffer): DistinguishedName {
  const reader = new DerReader(contents)
  const { raw } = reader.element()
  reader.end()
  const name = new DistinguishedName(raw)
  void name.key // A malformed name is found now, with the extension that holds it.
  return name
}
