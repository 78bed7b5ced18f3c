import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MessageHeaders, MessageHeadersType } from '../../src/index.ts'
import { mutated, RUNS, textOf } from './fuzzing.ts'

const WORDS = [
  ...[
    'attachment',
    'inline',
    ';',
    '; ',
    'filename',
    'filename=',
    "filename*=UTF-8''",
    '"',
    '\\',
    '/',
    '..',
    '%2f',
    '%5C',
  ],
  ...['%0d%0a', '%00', '%C3%A9', '\xc3\xa9', 'a.txt', ':', '|', '='],
]

/** What no name of a file may have. */
// eslint-disable-next-line no-control-regex -- that is what is looked for
const UNSAFE = /[\x00-\x1f\x7f/\\:*?"<>|]/

describe('a Content-Disposition', () => {
  test('has a safe file name, whatever it is', () => {
    const value = fc
      .oneof(textOf(WORDS), mutated(fc.constant('attachment; filename="a/b.txt"'), WORDS))
      .filter((text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text))
    fc.assert(
      fc.property(value, (text) => {
        const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
        headers.append('Content-Disposition', text)
        const filename = headers.getContentDisposition()?.params.get('filename') ?? ''
        expect(filename).not.toMatch(UNSAFE)
        expect(filename).not.toMatch(/^\.|\.$/)
      }),
      RUNS,
    )
  })

  test('keeps a file name it has made safe', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (name) => {
        const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
        headers.setContentDisposition('attachment', [['filename', name]])
        const filename = headers.getContentDisposition()?.params.get('filename') ?? ''
        expect(filename).not.toMatch(UNSAFE)
        headers.setContentDisposition('attachment', [['filename', filename]])
        expect(headers.getContentDisposition()?.params.get('filename') ?? '').toBe(filename)
      }),
      RUNS,
    )
  })
})
