// A database whose anchors come from a PEM file.
// Upstream: glib/gio/gtlsfiledatabase.c.

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { certificateBlocks } from '../certificates/pem.ts'
import { TlsError } from '../errors.ts'
import { listBlocks } from '../revocation/certificate-revocation-list.ts'
import { TlsDatabase } from './tls-database.ts'

/** The anchors and revocation lists of one PEM file, read when made (blocking, as in the original). */
export class TlsFileDatabase extends TlsDatabase {
  /** The file the anchors were read from. */
  readonly anchorsPath: string

  /**
   * @throws {TlsError} `BAD_CERTIFICATE` when the file holds no certificate, or a revocation list that cannot be decoded;
   *   a failed read throws the system's error.
   */
  constructor(path: string) {
    const pem = readFileSync(path, 'utf8')
    const anchors = certificateBlocks(pem)
    if (anchors.length === 0) throw new TlsError('BAD_CERTIFICATE', `There is no certificate in ${path}.`)
    super(anchors, { revocationLists: listBlocks(pem) })
    this.anchorsPath = path
  }

  protected override get handlePrefix(): string {
    return `${pathToFileURL(this.anchorsPath).href}#`
  }
}
