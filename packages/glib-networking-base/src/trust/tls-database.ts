// The certificates a connection trusts; given to backends, which cache what they derive from it by object identity.
// Upstream: glib/gio/gtlsdatabase.c.

import { systemAnchorsPem } from './system-trust.ts'
import { TlsCertificate } from '../certificates/tls-certificate.ts'

let defaultDatabase: TlsDatabase | undefined

/** A set of trust anchors. Immutable, so a backend may keep what it made of it for as long as the database lives. */
export class TlsDatabase {
  /** The anchors as PEM text, one certificate each. Cheap: nothing is decoded. */
  readonly anchorsPem: readonly string[]
  #anchors: readonly TlsCertificate[] | undefined

  /** @param anchors The certificates to trust, each as PEM text of one certificate or decoded. */
  constructor(anchors: readonly (string | TlsCertificate)[]) {
    this.anchorsPem = anchors.map((anchor) => (typeof anchor === 'string' ? anchor : anchor.certificatePem))
  }

  /** What the machine trusts; read once per process, at the first call. */
  static getDefault(): TlsDatabase {
    return (defaultDatabase ??= new TlsDatabase(systemAnchorsPem()))
  }

  /**
   * The anchors, decoded at the first call (a system store takes some 20 ms).
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when one cannot be decoded.
   */
  get anchors(): readonly TlsCertificate[] {
    return (this.#anchors ??= this.anchorsPem.map((pem) => new TlsCertificate(pem)))
  }
}
