import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  headersParse,
  headersParseRequest,
  headersParseResponse,
  MessageHeaders,
  MessageHeadersType,
} from '../../src/index.ts'
import { isToken } from '../../src/headers/header-params.ts'
import { mutated, RUNS, textOf } from './fuzzing.ts'

const WORDS = [
  ...['\r\n', '\n', '\r', ' ', '\t', ':', ': ', ',', '\0', '\x7f', 'A', 'Content-Length: 5', 'Host: a', 'Host'],
  ...[
    'Transfer-Encoding: chunked',
    'Connection: A',
    'Expect: x',
    'GET / HTTP/1.1\r\n',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.0',
  ],
]
const section = mutated(
  textOf(WORDS).map((text) => `HTTP/1.1 200 OK\r\n${text}\r\n\r\n`),
  WORDS,
)

function parse(text: string): [string, string][] | null {
  const headers = new MessageHeaders(MessageHeadersType.MULTIPART)
  return headersParse(text, headers) ? [...headers] : null
}

describe('a header section', () => {
  test('has only fields HTTP allows, whatever it is', () => {
    fc.assert(
      fc.property(section, (text) => {
        for (const [name, value] of parse(text) ?? []) {
          expect(isToken(name)).toBe(true)
          expect(value).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/)
          expect(value).toBe(value.replace(/^[ \t]+|[ \t]+$/g, ''))
        }
      }),
      RUNS,
    )
  })

  test('reads the same once it is written again', () => {
    fc.assert(
      fc.property(section, (text) => {
        const fields = parse(text)
        fc.pre(fields !== null)
        const written = (fields ?? []).map(([name, value]) => `${name}: ${value}\r\n`).join('')
        expect(parse(`x\r\n${written}`)).toEqual(fields)
      }),
      RUNS,
    )
  })

  test('is the same as bytes and as text', () => {
    fc.assert(
      fc.property(section, (text) => {
        const bytes = Buffer.from(text, 'latin1')
        expect(headersParseRequest(bytes)).toEqual(headersParseRequest(text))
        expect(headersParseResponse(bytes)).toEqual(headersParseResponse(text))
      }),
      RUNS,
    )
  })

  test('of a request is taken or answered with an error', () => {
    const request = mutated(
      textOf(WORDS).map((text) => `GET /a HTTP/1.1\r\nHost: a\r\n${text}\r\n`),
      WORDS,
    )
    fc.assert(
      fc.property(request, (text) => {
        const parsed = headersParseRequest(text)
        expect([200, 400, 417, 505]).toContain(parsed.status)
        if (parsed.status !== 200) return
        expect(isToken(parsed.method)).toBe(true)
        expect(parsed.headers.getAll('host').length).toBeLessThan(2)
        expect(parsed.headers.getAll('content-length').length).toBeLessThan(2)
      }),
      RUNS,
    )
  })
})
