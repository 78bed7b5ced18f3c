// What the fuzz targets share: input made of a parser's own vocabulary and of noise. Runs are deterministic (see
// test/property-seed.ts); FUZZ_RUNS=100000 looks harder.

import fc from 'fast-check'

/** Inputs per property. */
export const RUNS = { numRuns: Number(process.env.FUZZ_RUNS ?? 300) }

/** Text of words of `dictionary`, and of any characters of Latin-1, control characters among them. */
export function textOf(dictionary: readonly string[], maxLength = 24): fc.Arbitrary<string> {
  const noise = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
  const word = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...dictionary) },
    { weight: 1, arbitrary: noise },
    { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  )
  return fc.array(word, { maxLength }).map((words) => words.join(''))
}

/** `text` with a few of its characters removed, doubled or replaced by some of `dictionary`. */
export function mutated(text: fc.Arbitrary<string>, dictionary: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('remove', 'double', 'insert', 'replace'),
    word: fc.constantFrom(...dictionary),
  })
  return fc.tuple(text, fc.array(change, { maxLength: 3 })).map(([original, changes]) => {
    return changes.reduce((result, { at, kind, word }) => {
      const index = at % (result.length + 1)
      const [before, char, after] = [result.slice(0, index), result.charAt(index), result.slice(index + 1)]
      if (kind === 'remove') return before + after
      if (kind === 'double') return before + char + char + after
      return before + word + (kind === 'insert' ? char : '') + after
    }, original)
  })
}

/** `bytes` in pieces, cut where `cuts` say. */
export function cutUp(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  const ends = [...places, bytes.length]
  return ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end)).filter((piece) => piece.length > 0)
}
