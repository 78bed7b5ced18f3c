import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headersParseStatusLine, HTTPVersion } from '../../src/index.ts'
import { mutated, RUNS, textOf } from './fuzzing.ts'

const WORDS = ['HTTP/', 'ICY', '1', '.', '0', '1.1', ' ', '\t', '200', '99', '1000', 'OK', '\r\n', '\n', '\r', '-', '+']

test('a status line reads as it is written', () => {
  const phrase = fc.string({ unit: fc.constantFrom(...' abcXYZ()é'), maxLength: 20 })
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), phrase, fc.boolean(), (statusCode, reasonPhrase, isOld) => {
      expect(headersParseStatusLine(`HTTP/1.${isOld ? 0 : 1} ${statusCode} ${reasonPhrase}\r\n`)).toEqual({
        statusCode,
        reasonPhrase: reasonPhrase.trim(),
        httpVersion: isOld ? HTTPVersion.HTTP_1_0 : HTTPVersion.HTTP_1_1,
      })
    }),
    RUNS,
  )
})

test('any other line is refused, or has a status of three digits', () => {
  const line = fc.oneof(textOf(WORDS), mutated(fc.constant('HTTP/1.1 200 OK\r\n'), WORDS))
  fc.assert(
    fc.property(line, (text) => {
      const parsed = headersParseStatusLine(text)
      if (parsed === null) return
      expect(text).toMatch(/^(HTTP\/|ICY)/)
      expect(parsed.statusCode).toBeGreaterThanOrEqual(100)
      expect(parsed.statusCode).toBeLessThan(1000)
      expect(parsed.reasonPhrase).not.toContain('\n')
    }),
    RUNS,
  )
})
