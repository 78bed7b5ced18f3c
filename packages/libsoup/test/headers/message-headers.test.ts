import { describe, expect, test } from 'vitest'
import {
  Encoding,
  headerContains,
  headerParseList,
  headerParseQualityList,
  headerParseSemiParamList,
  MessageHeaders,
  MessageHeadersType,
} from '../../src/index.ts'

describe('message headers', () => {
  test('keep order and spelling, and find names in any letter case', () => {
    const headers = new MessageHeaders()
    headers.append('X-One', '1')
    headers.append('x-two', '2')
    headers.append('x-one', '3')
    expect([...headers]).toEqual([
      ['X-One', '1'],
      ['x-two', '2'],
      ['x-one', '3'],
    ])
    expect(headers.getOne('X-ONE')).toBe('3')
    expect(headers.getList('x-One')).toBe('1, 3')
    expect(headers.getAll('x-one')).toEqual(['1', '3'])
    headers.replace('X-ONE', '4')
    expect([...headers]).toEqual([
      ['X-ONE', '4'],
      ['x-two', '2'],
    ])
    headers.remove('X-Two')
    expect(headers.size).toBe(1)
    headers.clear()
    expect(headers.getOne('x-one')).toBe(null)
  })

  test('read the same from a parser, before and after they are decoded', () => {
    const raw = ['Set-Cookie', 'a=1', 'Content-Type', 'text/html; charset="utf-8"', 'Set-Cookie', 'b=\xe9']
    const index = { 'set-cookie': ['a=1', 'b=\xe9'], 'content-type': 'text/html; charset="utf-8"' }
    const headers = MessageHeaders.fromReceived(
      MessageHeadersType.RESPONSE,
      raw.map((part) => Buffer.from(part, 'latin1')),
      index,
    )
    const check = (): void => {
      expect(headers.getAll('Set-Cookie')).toEqual(['a=1', 'b=\xe9'])
      expect(headers.getOne('set-cookie')).toBe('b=\xe9')
      expect(headers.contentType).toBe('text/html')
      expect(headers.getContentType()?.params.get('charset')).toBe('utf-8')
      expect(headers.has('constructor')).toBe(false)
      expect(headers.getOne('toString')).toBe(null)
    }
    check()
    expect(headers.size).toBe(3)
    headers.append('X-New', '1')
    check()
  })

  test('leave out the white space a parser left behind values', () => {
    const raw = ['A', 'one \t', 'B', 'two', 'B', ' ']
    for (const index of [null, { a: 'one \t', b: ['two', ' '] }]) {
      const headers = MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, raw, index)
      expect([headers.getOne('a'), ...headers.getAll('b')]).toEqual(['one', 'two', ''])
      expect(headers.toRawList()).toEqual(['A', 'one', 'B', 'two', 'B', ''])
    }
  })

  test.each([
    ['Bad Name', 'x'],
    ['', 'x'],
    ['X', 'a\r\nInjected: yes'],
    ['X', 'a\0b'],
    ['X', 'snow\u2603'],
  ])('refuse %j: %j', (name, value) => {
    const headers = new MessageHeaders()
    expect(() => headers.append(name, value)).toThrow(TypeError)
    expect(() => headers.replace(name, value)).toThrow(TypeError)
    expect(headers.size).toBe(0)
  })

  test('know their framing', () => {
    const request = new MessageHeaders(MessageHeadersType.REQUEST)
    expect(request.encoding).toBe(Encoding.NONE)
    request.contentLength = 12
    expect(request.encoding).toBe(Encoding.CONTENT_LENGTH)
    expect(request.contentLength).toBe(12)
    request.encoding = Encoding.CHUNKED
    expect(request.contentLength).toBe(null)
    expect(request.getOne('transfer-encoding')).toBe('chunked')
    const response = new MessageHeaders(MessageHeadersType.RESPONSE)
    expect(response.encoding).toBe(Encoding.EOF)
    response.append('Content-Length', 'twelve')
    expect(response.encoding).toBe(Encoding.UNRECOGNIZED)
  })

  test('write parameters that read back the same', () => {
    const headers = new MessageHeaders()
    headers.setContentDisposition('attachment', [['name', 'a "b"; c.txt']])
    expect(headers.getContentDisposition()?.params.get('name')).toBe('a "b"; c.txt')
  })
})

describe('header lists', () => {
  test.each([
    ['a, b,c', ['a', 'b', 'c']],
    ['"a, b", c', ['"a, b"', 'c']],
    [' , ,a', ['a']],
    ['"unclosed, x', ['"unclosed, x']],
    ['', []],
  ])('%j has the elements %j', (header, elements) => {
    expect(headerParseList(header)).toEqual(elements)
  })

  test('are searched by token and sorted by quality', () => {
    expect(headerContains('gzip, Chunked', 'chunked')).toBe(true)
    expect(headerContains('"chunked", x', 'chunked')).toBe(false)
    expect(headerParseQualityList('a;q=0.5, b, c;q=0, d;q=0.9')).toEqual(['b', 'd', 'a'])
    expect([...headerParseSemiParamList('a=1; B="x;y"; a=2; c')]).toEqual([
      ['a', '1'],
      ['b', 'x;y'],
      ['c', ''],
    ])
  })
})
