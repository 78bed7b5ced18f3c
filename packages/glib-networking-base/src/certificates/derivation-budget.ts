// Bounds the work that a file protected by a password may cause: how often it has its password hashed is the file's own
// choice. One budget per file, spent by the key derivations.

import { TlsError } from '../errors.ts'

/**
 * In hashes at the speed of PBKDF2 in OpenSSL, some 0.15 µs each. GnuTLS asks for 600,000 per key, the most found in the
 * wild; with PKCS#12's own key derivation such a file costs 34 million.
 */
const MAXIMUM_HASHES = 40_000_000

/** What may still be spent on one file. */
export class DerivationBudget {
  #left = MAXIMUM_HASHES

  /**
   * @param hashes What the next derivation costs.
   * @throws {TlsError} `BAD_CERTIFICATE` when that is more than is left.
   */
  spend(hashes: number): void {
    this.#left -= hashes
    // Written so that a cost that is no number fails too.
    if (hashes > 0 && this.#left >= 0) return
    throw new TlsError('BAD_CERTIFICATE', 'The password of the file takes too much work to check.')
  }
}
