// A database whose anchors come from a PEM file.
// Upstream: glib/gio/gtlsfiledatabase.c.

import { readFileSync } from 'node:fs'
import { TlsError } from '../errors.ts'
import { certificateBlocks } from '../certificates/pem.ts'
import { TlsDatabase } from './tls-database.ts'

/** The anchors of one PEM file, read when made (blocking, as in the original). */
export class TlsFileDatabase extends TlsDatabase {
  /** The file the anchors were read from. */
  readonly anchorsPath: string

  /** @throws {TlsError} `BAD_CERTIFICATE` when the file holds no certificate; a failed read throws the system's error. */
  constructor(path: string) {
    const anchors = certificateBlocks(readFileSync(path, 'utf8'))
    if (anchors.length === 0) throw new TlsError('BAD_CERTIFICATE', `There is no certificate in ${path}.`)
    super(anchors)
    this.anchorsPath = path
  }
}
