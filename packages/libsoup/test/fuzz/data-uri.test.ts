import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { uriDecodeDataUri } from '../../src/index.ts'
import { mutated, RUNS, textOf } from './fuzzing.ts'

const WORDS = [
  ...[
    'data:',
    ',',
    ';',
    '=',
    'base64',
    ';base64',
    ' ',
    '%',
    '%20',
    '%2C',
    '%zz',
    '#',
    '/',
    'text/html',
    'charset=utf-8',
  ],
  ...['"', '\\', 'YWJj', '==', '?', '\t'],
]

describe('a data URI', () => {
  test('gives the bytes that were put in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (array) => {
        const bytes = Buffer.from(array)
        const base64 = uriDecodeDataUri(`data:a/b;base64,${bytes.toString('base64')}`)
        expect(base64?.body.equals(bytes)).toBe(true)
        const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
        expect(uriDecodeDataUri(`data:a/b,${escaped}`)?.body.equals(bytes)).toBe(true)
      }),
      RUNS,
    )
  })

  test('is what fetch takes it for', async () => {
    const uri = fc.oneof(
      textOf(WORDS).map((text) => `data:${text}`),
      mutated(fc.constantFrom('data:text/html;charset=utf-8;base64,YWJjZA==', 'data:;a=b,x%41y'), WORDS),
    )
    await fc.assert(
      fc.asyncProperty(uri, async (text) => {
        fc.pre(!text.includes('`')) // undici takes it for no character of a token, RFC 9110 section 5.6.2 does
        const decoded = uriDecodeDataUri(text)
        const response = URL.parse(text)?.protocol === 'data:' ? await fetch(text).catch(() => null) : null
        if (response === null || decoded === null) {
          expect(decoded).toBe(response)
          return
        }
        expect(decoded.body.equals(Buffer.from(await response.arrayBuffer()))).toBe(true)
        expect(decoded.contentType).toBe(response.headers.get('content-type'))
      }),
      RUNS,
    )
  })
})
