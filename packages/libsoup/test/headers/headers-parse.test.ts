import { describe, expect, test } from 'vitest'
import {
  HTTPVersion,
  MessageHeaders,
  MessageHeadersType,
  headersParse,
  headersParseRequest,
  headersParseResponse,
  headersParseStatusLine,
} from '../../src/index.ts'

function fieldsOf(text: string | Uint8Array): [string, string][] | null {
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  return headersParse(text, headers) ? [...headers] : null
}

describe('header sections', () => {
  test.each<[string, string, [string, string][]]>([
    [
      'CRLF and LF',
      'x\r\nA: 1\r\nb:2 \nC:\r\n',
      [
        ['A', '1'],
        ['b', '2'],
        ['C', ''],
      ],
    ],
    [
      'an empty line',
      'x\r\nA: 1\r\n\r\nB: 2\r\n',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    [
      'continued lines',
      'x\r\nA: 1\r\n  2\r\n\t \r\n 2\r\n3: 4\r\n',
      [
        ['A', '1 2 2'],
        ['3', '4'],
      ],
    ],
    ['a carriage return within', 'x\nA: 1\r2\n', [['A', '1 2']]],
    ['a space before the colon', 'x\nA : 1\nB: 2\n', [['B', '2']]],
    ['no colon', 'x\nA\n B: 1\nC: 2\n', [['C', '2']]],
    ['no name', 'x\n: 1\nB: 2\n', [['B', '2']]],
    ['a name that is no token', 'x\nA(: 1\nB: 2\n', [['B', '2']]],
    ['bytes beyond ASCII', 'x\nA: \xe9\n', [['A', '\xe9']]],
    ['two lengths that agree', 'x\nContent-Length: 5\nContent-Length: 05\n', [['Content-Length', '5']]],
    ['nothing', 'x\n', []],
  ])('with %s', (_name, text, fields) => {
    expect(fieldsOf(text)).toEqual(fields)
    expect(fieldsOf(Buffer.from(text, 'latin1'))).toEqual(fields)
  })

  test.each([
    ['a NUL', 'x\nA: 1\0\n'],
    ['a control character', 'x\nA: \x01\n'],
    ['a last line without an end', 'x\nA: 1'],
    ['no line at all', ''],
    ['two lengths that differ', 'x\nContent-Length: 5\nContent-Length: 6\n'],
    ['a second length that is none', 'x\nContent-Length: 5\nContent-Length: 5, 5\n'],
    ['more than 256 KiB', `x\nA: ${'a'.repeat(256 * 1024)}\n`],
  ])('are refused with %s', (_name, text) => {
    expect(fieldsOf(text)).toBe(null)
  })

  test('take as long as they are long', () => {
    for (const pattern of ['\n', ' \n', 'a\n', ':\n', 'a:\n ', '\r', 'a: b\n', 'a']) {
      fieldsOf(`x\n${pattern.repeat(250_000 / pattern.length)}\n`)
    }
  })
})

describe('requests', () => {
  test('are taken apart', () => {
    expect(headersParseRequest('\r\nGET  /a?b\tHTTP/1.1 \r\nHost: x\r\n\r\n')).toMatchObject({
      status: 200,
      method: 'GET',
      path: '/a?b',
      httpVersion: HTTPVersion.HTTP_1_1,
    })
    const old = headersParseRequest('GET / HTTP/1.0\r\nConnection: X, close\r\nX: 1\r\nY: 2\r\n\r\n')
    expect(old.status === 200 && [...old.headers]).toEqual([
      ['Connection', 'X, close'],
      ['Y', '2'],
    ])
  })

  test.each([
    ['GET / HTTP/1.1\r\nExpect: 100-continue\r\n', 200],
    ['GET / HTTP/1.1\r\nExpect: more\r\n', 417],
    ['GET / HTTP/2.0\r\n', 505],
    ['GET / HTTP/1.2\r\n', 505],
    ['GET / HTTP/1.11\r\n', 505],
    ['GET / HTTP/1.1', 400],
    ['GET / http/1.1\r\n', 400],
    ['GET /\r\n', 400],
    ['GET / x HTTP/1.1\r\n', 400],
    [' GET / HTTP/1.1\r\n', 400],
    ['G@T / HTTP/1.1\r\n', 400],
    ['GET /\x01 HTTP/1.1\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n', 400],
    ['GET / HTTP/1.1 x\r\n', 400],
    ['\r\n\r\n', 400],
    ['', 400],
  ])('%j is answered with %i', (text, status) => {
    expect(headersParseRequest(text).status).toBe(status)
  })
})

describe('responses', () => {
  test('are taken apart', () => {
    const response = headersParseResponse('\r\n\nHTTP/1.0 404  Not  Here \r\nConnection: a\r\nA: 1\r\nB: 2\r\n\r\n')
    expect(response).toMatchObject({ statusCode: 404, reasonPhrase: 'Not  Here', httpVersion: HTTPVersion.HTTP_1_0 })
    expect(response?.headers.has('a')).toBe(false)
    expect(headersParseResponse('HTTP/1.1 200 OK\r\nA: \0\r\n')).toBe(null)
    expect(headersParseResponse('nothing\r\n')).toBe(null)
  })

  test.each<[string, number | null]>([
    ['HTTP/1.1 200 OK', 200],
    ['HTTP/1.1\t999', 999],
    ['HTTP/1.0 100 \r\n', 100],
    ['ICY 200 OK', 200],
    ['HTTP/1.1 099 x', null],
    ['HTTP/1.1 2000', null],
    ['HTTP/1.1 20', null],
    ['HTTP/1.1200 OK', null],
    ['HTTP/1.2 200 OK', null],
    ['HTTP/2 200', null],
    ['http/1.1 200 OK', null],
    [' HTTP/1.1 200 OK', null],
    ['', null],
  ])('%j has the status %j', (line, statusCode) => {
    expect(headersParseStatusLine(line)?.statusCode ?? null).toBe(statusCode)
  })
})
