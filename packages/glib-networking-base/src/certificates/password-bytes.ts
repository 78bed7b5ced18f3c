// A password in the two encodings that encrypted keys and PKCS#12 want; wiped when the file has been read.
// RFC 8018 section 2 (UTF-8), RFC 7292 appendix B.1 (BMPString).

import { transcode } from 'node:buffer'
import { TlsError } from '../errors.ts'

/** Longer ones are cut by no library; this bounds the work per hash. */
const MAXIMUM_PASSWORD_BYTES = 1024

/** Owned by the code that made it, which holds it with `using`. */
export class PasswordBytes {
  readonly utf8: Buffer
  /** UTF-16 big endian with a terminating zero, or nothing at all for {@link PasswordBytes.none}. */
  readonly bmp: Buffer

  private constructor(utf8: Buffer, bmp: Buffer) {
    this.utf8 = utf8
    this.bmp = bmp
  }

  /** @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when it has more than 1024 bytes in UTF-8. */
  static from(password: string | Uint8Array): PasswordBytes {
    const utf8 = Buffer.from(password)
    if (utf8.length > MAXIMUM_PASSWORD_BYTES) {
      throw new TlsError('BAD_CERTIFICATE_PASSWORD', 'The password has more than 1024 bytes.')
    }
    const units = transcode(utf8, 'utf8', 'utf16le').swap16()
    const bmp = Buffer.concat([units, Buffer.alloc(2)])
    units.fill(0)
    return new PasswordBytes(utf8, bmp)
  }

  /** No password, which PKCS#12 tells from an empty one. */
  static none(): PasswordBytes {
    return new PasswordBytes(Buffer.alloc(0), Buffer.alloc(0))
  }

  /** Overwrites the bytes with zeros. */
  [Symbol.dispose](): void {
    this.utf8.fill(0)
    this.bmp.fill(0)
  }
}
