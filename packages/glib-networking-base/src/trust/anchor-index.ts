// The anchors of a database by name, so that finding an issuer among hundreds decodes only the few that have its name.
// Made by TlsDatabase, asked by the path builder.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import { TlsError } from '../errors.ts'
import { type DecodedCertificate, decodeOrNull } from '../verification/decoded-certificate.ts'
import { constructedContextTag, DerReader, DerTag } from '../verification/der-reader.ts'
import { DistinguishedName } from '../verification/distinguished-name.ts'

/** Looks anchors up. What is no certificate is never found. */
export class AnchorIndex {
  readonly #positions = new Map<string, number[]>()
  readonly #certificateAt: (position: number) => TlsCertificate

  /**
   * @param anchorsPem One certificate each.
   * @param certificateAt Decodes one of them.
   */
  constructor(anchorsPem: readonly string[], certificateAt: (position: number) => TlsCertificate) {
    this.#certificateAt = certificateAt
    anchorsPem.forEach((pem, position) => {
      const key = subjectKey(pem)
      if (key === null) return
      const positions = this.#positions.get(key)
      if (positions === undefined) this.#positions.set(key, [position])
      else positions.push(position)
    })
  }

  /** The anchors with the subject `name`. */
  named(name: DistinguishedName): readonly DecodedCertificate[] {
    return (this.#positions.get(name.key) ?? []).flatMap((position) => this.#decode(position) ?? [])
  }

  /** Whether `certificate` is an anchor, byte for byte. */
  has(certificate: DecodedCertificate): boolean {
    return this.named(certificate.subject).some((anchor) => anchor.isSame(certificate))
  }

  #decode(position: number): DecodedCertificate | null {
    try {
      return decodeOrNull(this.#certificateAt(position))
    } catch (error) {
      if (error instanceof TlsError) return null
      throw error
    }
  }
}

/** Skims a certificate as far as its subject; null when there is none. */
function subjectKey(pem: string): string | null {
  try {
    const der = Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')
    const signed = new DerReader(der).inside(DerTag.SEQUENCE).inside(DerTag.SEQUENCE)
    signed.optional(constructedContextTag(0))
    signed.integer()
    for (let field = 0; field < 3; field++) signed.read(DerTag.SEQUENCE) // Algorithm, issuer, validity.
    return new DistinguishedName(signed.element().raw).key
  } catch (error) {
    if (error instanceof TlsError) return null
    throw error
  }
}
