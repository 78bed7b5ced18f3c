// Reads files of certificates and keys, never more of them than is sensible; called by TlsCertificate.

import { closeSync, openSync, readSync } from 'node:fs'
import { TlsError } from '../errors.ts'

/** The bundles of distributions have 250 KiB. A device file would never end. */
const MAXIMUM_FILE_BYTES = 4 * 2 ** 20

/**
 * The contents of the file. Blocks for the time of the read, as the original does.
 *
 * @throws {TlsError} `BAD_CERTIFICATE` when it has more than 4 MiB; a file that cannot be read throws the system's error.
 */
export function readCertificateFile(path: string): Buffer {
  const buffer = Buffer.allocUnsafe(MAXIMUM_FILE_BYTES + 1)
  const file = openSync(path, 'r')
  let length = 0
  try {
    for (let read = -1; read !== 0; length += read) read = readSync(file, buffer, length, buffer.length - length, null)
  } finally {
    closeSync(file)
  }
  if (length > MAXIMUM_FILE_BYTES) throw new TlsError('BAD_CERTIFICATE', `${path} has more than 4 MiB.`)
  return buffer.subarray(0, length)
}

/** How a file of certificates is encoded. */
export type CertificateEncoding = 'pem' | 'der' | 'pkcs12'

const SEQUENCE = 0x30
const INTEGER = 0x02
const LONG_LENGTH = 0x80

/**
 * What the first bytes look like: a PKCS#12 file starts with its version, a certificate with a sequence, and anything else
 * is text.
 */
export function certificateEncoding(data: Uint8Array): CertificateEncoding {
  const [first, length = 0] = data
  if (first !== SEQUENCE) return 'pem'
  const header = length > LONG_LENGTH ? 2 + (length - LONG_LENGTH) : 2
  return data[header] === INTEGER ? 'pkcs12' : 'der'
}
