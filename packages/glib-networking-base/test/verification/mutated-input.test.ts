// Whatever a peer or a file holds: a certificate or a revocation list with bytes changed, cut off or put in gives flags or
// a TlsError, never another error, and never more than a bounded number of signatures.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  CertificateRevocationList,
  nodeSignatureVerifier,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  TlsCertificate,
  TlsCertificateFlags,
  TlsDatabase,
  TlsError,
  verifyChain,
} from '../../src/index.ts'
import { DecodedCertificate } from '../../src/verification/decoded-certificate.ts'
import { DerReader } from '../../src/verification/der-reader.ts'
import { limboCases } from '../limbo/limbo-suite.ts'
import { NOON, TestAuthority } from './test-authority.ts'

interface Mutation {
  /** Where, as a part of the whole. */
  readonly at: number
  /** Null replaces as many bytes as are put in, so that the lengths around them stay right. */
  readonly remove: number | null
  readonly insert: Uint8Array
}

const mutations = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 1 }),
    insert: fc.uint8Array({ maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
)

function mutate(original: Buffer, changes: readonly Mutation[]): Buffer {
  let bytes = original
  for (const { at, remove, insert } of changes) {
    const start = Math.floor(at * bytes.length)
    bytes = Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + (remove ?? insert.length))])
  }
  return bytes
}

/** Null for a TlsError; any other error is thrown on. */
function orTlsError<T>(run: () => T): T | null {
  try {
    return run()
  } catch (error) {
    if (error instanceof TlsError) return null
    throw error
  }
}

const root = TestAuthority.root()
const intermediate = root.intermediate()
const leaf = intermediate.leaf()
const samples = [
  leaf.certificate,
  intermediate.certificate.certificate,
  ...limboCases
    .filter(({ id }) => /::nc::|cryptographydotio|google|nc-permits|aki|explicit/.test(id))
    .flatMap((limbo) => orTlsError(() => TlsCertificate.fromPem(limbo.peer_certificate).certificate) ?? []),
]

it('a mutated certificate, wherever it stands in the chain', () => {
  fc.assert(
    fc.property(fc.constantFrom(...samples), mutations, (original, changes) => {
      const mutated = orTlsError(() => new TlsCertificate(mutate(original, changes)))
      if (mutated === null) return
      let signatures = 0
      const verifier = {
        isSignedBy: (certificate: TlsCertificate, issuer: TlsCertificate): boolean => {
          signatures++
          return nodeSignatureVerifier.isSignedBy(certificate, issuer)
        },
      }
      for (const chain of [
        [mutated, intermediate.certificate],
        [leaf, mutated, intermediate.certificate],
      ]) {
        for (const anchor of [root.certificate, mutated]) {
          const flags = verifyChain(
            chain,
            {
              database: new TlsDatabase([anchor]),
              purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
              identity: 'example.test',
              time: NOON,
            },
            verifier,
          )
          expect(flags & ~TlsCertificateFlags.VALIDATE_ALL).toBe(0)
        }
      }
      expect(signatures).toBeLessThan(20)
    }),
    { numRuns: 1500 },
  )
})

it('a certificate with any one bit changed is not taken for the original', () => {
  const database = new TlsDatabase([root.certificate])
  const bits = leaf.certificate.length * 8
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bits - 1 }), (bit) => {
      const bytes = Buffer.from(leaf.certificate)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const flags = orTlsError(() => {
        const chain = [new TlsCertificate(bytes), intermediate.certificate]
        const options = { database, purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity: null, time: NOON }
        return verifyChain(chain, options, nodeSignatureVerifier)
      })
      expect(flags).not.toBe(0)
    }),
    { numRuns: 500 },
  )
})

it('a mutated revocation list', () => {
  const list = root.revocationList({ serialNumbers: [1, 2, 3, 0x1234] })
  const revoked = root.leaf({ serialNumber: 0x1234 })
  fc.assert(
    fc.property(mutations, (changes) => {
      const bytes = mutate(list, changes)
      if (bytes.equals(list)) return
      const mutated = orTlsError(() => new CertificateRevocationList(bytes))
      if (mutated === null) return
      const database = new TlsDatabase([root.certificate], { revocationLists: [mutated] })
      const flags = database.verifyChain(revoked, TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, null, { time: NOON })
      expect(flags & TlsCertificateFlags.REVOKED).toBe(0)
    }),
    { numRuns: 1500 },
  )
})

it('bytes that were never a certificate', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      orTlsError(() => new CertificateRevocationList(bytes))
      orTlsError(() => DecodedCertificate.of(new TlsCertificate(bytes)))
      orTlsError(() => {
        const reader = new DerReader(Buffer.from(bytes))
        while (!reader.atEnd) reader.element()
      })
    }),
    { numRuns: 2000 },
  )
})
