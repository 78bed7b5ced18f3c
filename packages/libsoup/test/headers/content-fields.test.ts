import { describe, expect, test } from 'vitest'
import { Encoding, Expectation, MessageHeaders, MessageHeadersType } from '../../src/index.ts'

function withField(
  name: string,
  value: string,
  type: MessageHeadersType = MessageHeadersType.RESPONSE,
): MessageHeaders {
  const headers = new MessageHeaders(type)
  headers.append(name, value)
  return headers
}

describe('content fields', () => {
  test.each([
    ['Text/HTML; charset=x', 'text/html'],
    ['text/html ;', 'text/html'],
    ['text', null],
    ['text/', null],
    ['/html', null],
    ['text/a/b', null],
    ['text/html charset', null],
    ['', null],
  ])('the type of %j is %j', (value, type) => {
    expect(withField('content-type', value).contentType).toBe(type)
  })

  test.each<[string, string, Record<string, string>]>([
    ['attachment; filename=a.txt', 'attachment', { filename: 'a.txt' }],
    ['Inline', 'inline', {}],
    ['filename="x"', '', { filename: 'x' }],
    ['filename=x; attachment', '', { filename: 'x', attachment: '' }],
    ['attachment; filename="../../etc/passwd"', 'attachment', { filename: 'etc_passwd' }],
    ['attachment; filename=" .bashrc. "', 'attachment', { filename: 'bashrc' }],
    ['attachment; filename="C:\\\\a|b?.txt"', 'attachment', { filename: 'C__a_b_.txt' }],
    ["attachment; filename*=UTF-8''a%0d%0a%2fb", 'attachment', { filename: 'a___b' }],
    ["attachment; filename=x; filename*=UTF-8''na%C3%AFve", 'attachment', { filename: 'naïve' }],
    ['attachment; filename="na\xc3\xafve"', 'attachment', { filename: 'naïve' }],
    ['attachment; filename="na\xefve"', 'attachment', { filename: 'naïve' }],
    ['attachment; filename', 'attachment', {}],
    ['attachment; filename="///"', 'attachment', { filename: '' }],
  ])('%s', (value, type, params) => {
    const disposition = withField('Content-Disposition', value).getContentDisposition()
    expect(disposition?.type).toBe(type)
    expect(Object.fromEntries(disposition?.params ?? [])).toEqual(params)
  })

  test('are written with a safe file name', () => {
    const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
    headers.setContentDisposition('attachment', [['filename', '../ä"b\r\n.txt']])
    expect(headers.getOne('content-disposition')).toBe("attachment; filename*=UTF-8''%C3%A4_b__.txt")
    headers.setContentType('text/plain', [['charset', 'utf-8']])
    expect(headers.getOne('content-type')).toBe('text/plain; charset=utf-8')
    expect(() => headers.setContentType('a/b', [['x', 'a\nb']])).toThrow(TypeError)
  })
})

describe('expectations and lengths', () => {
  test('say what is expected', () => {
    const headers = new MessageHeaders()
    expect(headers.expectations).toBe(Expectation.NONE)
    headers.expectations = Expectation.CONTINUE
    expect(headers.getOne('expect')).toBe('100-continue')
    headers.replace('Expect', 'more')
    expect(headers.expectations).toBe(Expectation.UNRECOGNIZED)
    expect(() => (headers.expectations = Expectation.UNRECOGNIZED)).toThrow(TypeError)
    headers.expectations = Expectation.NONE
    expect(headers.size).toBe(0)
  })

  test('come once', () => {
    const headers = withField('Content-Length', '5', MessageHeadersType.REQUEST)
    headers.append('content-length', '5')
    expect(headers.size).toBe(1)
    expect(() => headers.append('Content-Length', '6')).toThrow(TypeError)
    expect(() => headers.append('Content-Length', '5x')).toThrow(TypeError)
    headers.append('Host', 'a')
    expect(() => headers.append('HOST', 'a')).toThrow(TypeError)
    headers.append('Transfer-Encoding', 'chunked')
    expect(headers.contentLength).toBe(null)
    headers.contentLength = 7
    expect([headers.encoding, headers.has('transfer-encoding')]).toEqual([Encoding.CONTENT_LENGTH, false])
    expect(withField('Transfer-Encoding', 'identity').encoding).toBe(Encoding.EOF)
    expect(withField('Transfer-Encoding', 'gzip, chunked').encoding).toBe(Encoding.UNRECOGNIZED)
  })

  test('connection headers are taken away', () => {
    const headers = withField('Connection', 'X-One, "q", keep-alive')
    headers.append('x-one', '1')
    headers.append('Keep-Alive', '2')
    headers.append('Y', '3')
    headers.cleanConnectionHeaders()
    expect([...headers].map(([name]) => name)).toEqual(['Connection', 'Y'])
  })
})

describe('ranges', () => {
  test.each<[string, number, [number, number][] | null]>([
    ['bytes=0-9', 100, [[0, 9]]],
    ['bytes=90-', 100, [[90, 99]]],
    ['bytes=-10', 100, [[90, 99]]],
    ['bytes=-1000', 100, [[0, 99]]],
    ['Bytes = 0-1000', 100, [[0, 99]]],
    [
      'bytes=50-60,0-10,5-20, 100-',
      100,
      [
        [0, 20],
        [50, 60],
      ],
    ],
    ['bytes=0-0,x,2-1', 100, [[0, 0]]],
    ['bytes=100-', 100, null],
    ['bytes=-0', 100, null],
    ['bytes=0-', 0, null],
    ['bytes=5', 100, null],
    ['bytes=', 100, null],
    ['lines=0-1', 100, null],
    ['bytes=9999999999999999-', 100, null],
    [`bytes=${'0-0,'.repeat(201)}`, 100, null],
  ])('%s of %i bytes', (value, length, ranges) => {
    const expected = ranges?.map(([start, end]) => ({ start, end })) ?? null
    expect(withField('Range', value, MessageHeadersType.REQUEST).getRanges(length)).toEqual(expected)
  })

  test('are written', () => {
    const headers = new MessageHeaders()
    headers.setRange(0, 9)
    expect(headers.getOne('range')).toBe('bytes=0-9')
    headers.setRange(-500)
    expect(headers.getOne('range')).toBe('bytes=-500')
    headers.setRanges([
      { start: 5, end: -1 },
      { start: 0, end: 1 },
    ])
    expect(headers.getOne('range')).toBe('bytes=5-,0-1')
    expect(() => headers.setRange(5, 4)).toThrow(RangeError)
    expect(() => headers.setRange(-5, 4)).toThrow(RangeError)
    expect(() => headers.setRange(0.5)).toThrow(RangeError)
    expect(() => headers.setRanges([])).toThrow(RangeError)
    headers.setContentRange(0, 9, 10)
    expect(headers.getContentRange()).toEqual({ start: 0, end: 9, totalLength: 10 })
    headers.setContentRange(5, 5)
    expect(headers.getOne('content-range')).toBe('bytes 5-5/*')
    expect(headers.getContentRange()?.totalLength).toBe(-1)
    expect(() => headers.setContentRange(0, 10, 10)).toThrow(RangeError)
  })

  test.each(['bytes 5-4/10', 'bytes 0-10/10', 'bytes */10', 'bytes 0-1', 'lines 0-1/2', 'bytes 0-1/2 '])(
    'the content range %j is none',
    (value) => {
      expect(withField('Content-Range', value).getContentRange()).toBe(null)
    },
  )
})
