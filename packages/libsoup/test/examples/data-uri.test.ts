import { expect, test } from 'vitest'
import { describe } from '../../examples/data-uri.ts'

test('the example tells what a data: URI holds', () => {
  expect(describe('data:text/html;base64,PGI+')).toBe('3 bytes of text/html')
  expect(describe('http://example.org/')).toBe('This is no data: URI.')
})
