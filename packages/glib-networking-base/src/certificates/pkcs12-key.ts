// Derives keys from a password in PKCS#12's own, old way; called for its MAC and its legacy ciphers.
// RFC 7292 appendix B.2.

import { hash as hashOnce } from 'node:crypto'
import type { DerivationBudget } from './derivation-budget.ts'
import type { PasswordBytes } from './password-bytes.ts'

/** What a derived value is for, mixed into it (appendix B.3). */
export const Pkcs12KeyPurpose = { KEY: 1, IV: 2, MAC: 3 } as const
export type Pkcs12KeyPurpose = (typeof Pkcs12KeyPurpose)[keyof typeof Pkcs12KeyPurpose]

/** Bytes a hash takes in at once, `v` in the RFC. */
const BLOCK_BYTES: Readonly<Record<Pkcs12Hash, number>> = { sha1: 64, sha224: 64, sha256: 64, sha384: 128, sha512: 128 }
/** One hash from JavaScript takes as long as this many inside of PBKDF2. */
const COST_OF_A_HASH = 8

export type Pkcs12Hash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

export interface Pkcs12KeyOptions {
  readonly hash: Pkcs12Hash
  readonly salt: Uint8Array
  readonly iterations: number
  readonly purpose: Pkcs12KeyPurpose
  readonly bytes: number
}

/** @throws {TlsError} `BAD_CERTIFICATE` when the budget does not allow that many iterations. */
export function derivePkcs12Key(password: PasswordBytes, options: Pkcs12KeyOptions, budget: DerivationBudget): Buffer {
  const { hash, purpose, bytes, iterations } = options
  const block = BLOCK_BYTES[hash]
  const diversifier = Buffer.alloc(block, purpose)
  const input = Buffer.concat([repeated(Buffer.from(options.salt), block), repeated(password.bmp, block)])
  const derived: Buffer[] = []
  for (let length = 0; length < bytes;) {
    budget.spend(iterations * COST_OF_A_HASH)
    let digest = hashOnce(hash, Buffer.concat([diversifier, input]), 'buffer')
    for (let round = 1; round < iterations; round++) digest = hashOnce(hash, digest, 'buffer')
    derived.push(digest)
    length += digest.length
    if (length < bytes) addToBlocks(input, repeated(digest, block).subarray(0, block))
  }
  input.fill(0)
  return Buffer.concat(derived).subarray(0, bytes)
}

/** As many copies of `data` as fill whole blocks; none of nothing. */
function repeated(data: Buffer, block: number): Buffer {
  return data.length === 0 ? data : Buffer.alloc(Math.ceil(data.length / block) * block, data)
}

/** Adds `summand` and one, as a big endian number, to every block of `blocks` in place. */
function addToBlocks(blocks: Buffer, summand: Buffer): void {
  for (let start = 0; start < blocks.length; start += summand.length) {
    let carry = 1
    for (let index = summand.length - 1; index >= 0; index--) {
      const sum = (blocks[start + index] ?? 0) + (summand[index] ?? 0) + carry
      blocks[start + index] = sum & 0xff
      carry = sum >> 8
    }
  }
}
