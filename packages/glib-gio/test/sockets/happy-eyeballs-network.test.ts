import { expect, it } from 'vitest'
import { hasNamespaces, runInNamespace } from '../namespace/in-namespace.ts'

it.skipIf(!hasNamespaces)('Happy Eyeballs over real networks: who is tried, who wins, what is left', async () => {
  const result = await runInNamespace(new URL('script-happy-eyeballs.ts', import.meta.url))
  expect(result).toEqual({
    // RFC 8305 section 4: the order of the resolver decides, and the first answer ends it.
    both: { tried: ['answers-6'], outcome: 'answers-6', open: 0 },
    preferred: { tried: ['answers-4'], outcome: 'answers-4', open: 0 },
    // Section 5: after 250 ms without an answer, or at once after a failure, the next address joins in.
    silentThenAnswer: { tried: ['silent-6', 'answers-4'], outcome: 'answers-4', open: 0 },
    refusedThenAnswer: { tried: ['refuses-6', 'answers-4'], outcome: 'answers-4', open: 0 },
    unreachableThenAnswer: { tried: ['unreachable-6', 'answers-4'], outcome: 'answers-4', open: 0 },
    familiesInTurn: {
      tried: ['silent-6', 'refuses-4', 'silent-6b', 'answers-4'],
      outcome: 'answers-4',
      open: 0,
    },
    timedOut: { tried: ['silent-6', 'silent-4'], outcome: 'TIMED_OUT', open: 0 },
    refused: { tried: ['refuses-6', 'refuses-4'], outcome: 'CONNECTION_REFUSED', open: 0 },
    unreachable: { tried: ['unreachable-6', 'unreachable-4'], outcome: 'HOST_UNREACHABLE', open: 0 },
    aborted: { tried: ['silent-6', 'silent-4'], outcome: 'CANCELLED', open: 0 },
    left: [],
  })
})
