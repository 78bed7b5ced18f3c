import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AutobahnCase, Verdict } from './autobahn-case.ts'
import { closingCases } from './cases-closing.ts'
import { compressionCases } from './cases-compression.ts'
import { framingCases } from './cases-framing.ts'
import { isFull, limitCases } from './cases-limits.ts'
import { textCases } from './cases-text.ts'
import { runCase } from './fuzzing-peer.ts'

interface Expectations {
  default: Verdict
  cases: Record<string, number>
  exceptions: Record<string, { verdict: Verdict; reason: string }>
}

const expectations = JSON.parse(readFileSync(join(import.meta.dirname, 'expectations.json'), 'utf8')) as Expectations
const ready = [...framingCases, ...textCases, ...closingCases, ...compressionCases].map((one) => () => one)
const cases = new Map<string, (() => AutobahnCase)[]>()
for (const make of [...ready, ...limitCases]) {
  const category = make().id.split('.')[0] as string
  cases.set(category, [...(cases.get(category) ?? []), make])
}

describe.each(['server', 'client'] as const)('Autobahn against our %s', (tested) => {
  test.each(Object.keys(expectations.cases))(
    'category %s',
    { timeout: isFull ? 3_600_000 : 60_000 },
    async (category) => {
      const results: string[] = []
      const expected: string[] = []
      for (const make of cases.get(category) ?? []) {
        const testCase = make()
        const { verdict, detail } = await runCase(testCase, tested)
        results.push(`${testCase.id} ${verdict} ${detail}`.trim())
        expected.push(`${testCase.id} ${expectations.exceptions[testCase.id]?.verdict ?? expectations.default}`)
      }
      expect(results).toEqual(expected)
      expect(results).toHaveLength(expectations.cases[category] as number)
    },
  )
})
