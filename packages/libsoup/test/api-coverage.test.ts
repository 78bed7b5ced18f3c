import { expect, test } from 'vitest'
import { apiCoverage } from '../../../scripts/api-coverage.ts'

const { names, omitted } = apiCoverage()

test('every name of libsoup that clients and servers need is here, or in the README with the reason', () => {
  const missing = names.filter(({ isPresent }) => !isPresent).map(({ name }) => name)
  expect(missing.filter((name) => !omitted.has(name))).toEqual([])
})

test('the README leaves nothing out that is here or that libsoup does not have', () => {
  const missing = new Set(names.filter(({ isPresent }) => !isPresent).map(({ name }) => name))
  expect([...omitted].filter((name) => !missing.has(name))).toEqual([])
})
