// The x509-limbo suite for one verifier; each backend's tests call it.
import { describe, expect, it } from 'vitest'
import { limboDifferences } from './limbo-differences.ts'
import { limboCases, limboGroup, runLimboCase, type LimboCase, type VerifyChain } from './limbo-suite.ts'

/** What is expected of this verifier: what the suite says, but for the listed differences. */
export function expectedVerdict({ id, expected_result }: LimboCase): LimboCase['expected_result'] {
  if (!limboDifferences.has(id)) return expected_result
  return expected_result === 'SUCCESS' ? 'FAILURE' : 'SUCCESS'
}

export function describeLimbo(verifyChain: VerifyChain): void {
  const groups = Map.groupBy(limboCases, limboGroup)

  describe.each([...groups])('%s', (_, cases) => {
    it.each(cases)('$id', (limbo) => {
      expect(runLimboCase(limbo, verifyChain).verdict).toBe(expectedVerdict(limbo))
    })
  })

  it('differs from the suite on cases of the suite only', () => {
    const ids = new Set(limboCases.map(({ id }) => id))
    expect([...limboDifferences.keys()].filter((id) => !ids.has(id))).toEqual([])
  })
}
