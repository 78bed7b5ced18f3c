import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { withRawServer, withServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import {
  formDecodeMultipart,
  Message,
  MessageHeaders,
  MessageHeadersType,
  Multipart,
  MultipartInputStream,
  Session,
} from '../../src/index.ts'
import { messageState } from '../../src/message/message.ts'

function parse(body: string, contentType = 'multipart/mixed; boundary=b'): Multipart | null {
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  headers.append('Content-Type', contentType)
  return Multipart.newFromMessage(headers, Buffer.from(body, 'latin1'))
}

function inputStream(body: Readable, contentType = 'multipart/mixed; boundary=b', options = {}): MultipartInputStream {
  const message = new Message('GET', 'http://example.org/')
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  headers.append('Content-Type', contentType)
  messageState(message).setResponse(200, 'OK', headers)
  return new MultipartInputStream(message, body, options)
}

function bytesOf(...chunks: string[]): Readable {
  return Readable.from(
    chunks.map((chunk) => Buffer.from(chunk, 'latin1')),
    { objectMode: false },
  )
}

async function readAll(stream: MultipartInputStream): Promise<{ type: string | null; body: string }[]> {
  const parts = []
  for (let part = await stream.nextPart(); part !== null; part = await stream.nextPart()) {
    parts.push({ type: stream.getHeaders()?.getOne('content-type') ?? null, body: await text(part) })
  }
  return parts
}

describe('a multipart body in memory', () => {
  test('is read back as it was built', () => {
    const multipart = new Multipart('multipart/form-data')
    multipart.appendFormString('a', 'one\r\ntwo')
    multipart.appendFormFile('na"me\\é', 'C:\\a "b"\r\n☃.txt', 'text/x-y', Buffer.from([0, 255, 13, 10]))
    multipart.appendFormString('', '')
    const headers = new MessageHeaders()
    const body = multipart.toMessage(headers)
    const read = Multipart.newFromMessage(headers, body) as Multipart
    expect(read.length).toBe(3)
    expect(read.mimeType).toBe('multipart/form-data')
    expect(read.getPart(0)?.body.toString()).toBe('one\r\ntwo')
    expect(read.getPart(1)?.body).toEqual(Buffer.from([0, 255, 13, 10]))
    expect(read.getPart(3)).toBe(null)
    const form = formDecodeMultipart(read, 'na"me\\é')
    expect([...form.fields]).toEqual([
      ['a', 'one\r\ntwo'],
      ['', ''],
    ])
    expect(form.filename).toBe('C__a _b_%0D%0A☃.txt')
    expect(form.contentType).toBe('text/x-y')
  })

  test('lets no name or type of a field into the headers', () => {
    const multipart = new Multipart('multipart/form-data')
    multipart.appendFormString('x"\r\nEvil: 1\r\n\r\n', 'value')
    expect(() => multipart.appendFormFile('x', null, 'text/plain\r\nEvil: 1', Buffer.alloc(0))).toThrow(TypeError)
    expect(() => new Multipart('multipart/x\r\ny')).toThrow(TypeError)
    expect(() => new Multipart('text/plain')).toThrow(TypeError)
    const body = multipart.toMessage(new MessageHeaders()).toString()
    expect(body).toContain('name="x\\"%0D%0AEvil: 1%0D%0A%0D%0A"')
    expect(multipart.length).toBe(1)
  })

  test('takes another boundary when a part has it', () => {
    const read = parse('--b\r\n\r\nfirst\r\n--b--\r\n') as Multipart
    read.appendFormString('x', 'a\r\n--b--\r\nb')
    const headers = new MessageHeaders()
    const body = read.toMessage(headers)
    expect(headers.getContentType()?.params.get('boundary')).toMatch(/^[0-9a-f]{64}$/)
    expect(Multipart.newFromMessage(headers, body)?.length).toBe(2)
  })

  test.each([
    ['with a preamble and an epilogue', 'pre\r\n--b\r\n\r\nx\r\n--b--\r\npost', ['x']],
    ['with padding behind boundaries', '--b \t\r\n\r\nx\r\n--b  \r\n\r\ny\r\n--b--', ['x', 'y']],
    ['with line feeds alone', '--b\nA: 1\n\nx\n--b--\n', ['x']],
    ['with boundaries that are not at the start of a line', '--b\r\n\r\nx--b\r\ny\r\n--b--', ['x--b\r\ny']],
    ['with longer boundaries', '--b\r\n\r\nx\r\n--bb\r\n\r\n--b--', ['x\r\n--bb\r\n']],
    ['with empty parts', '--b\r\n\r\n--b\r\n\r\n\r\n--b\r\n\r\n\r\n\r\n--b--', ['', '', '\r\n']],
    ['with no parts', '--b--\r\n', []],
  ])('is read %s', (_name, body, parts) => {
    expect([...(parse(body) as Multipart)].map((part) => part.body.toString())).toEqual(parts)
  })

  test.each([
    ['no boundary parameter', '--b--', 'multipart/mixed'],
    ['an empty boundary', '--\r\n\r\n----', 'multipart/mixed; boundary=""'],
    ['another type', '--b--', 'text/plain; boundary=b'],
    ['no last boundary', '--b\r\n\r\nx\r\n', undefined],
    ['no boundary at all', 'x', undefined],
    ['headers that do not end', '--b\r\nA: 1\r\n--b--', undefined],
    ['a NUL in its headers', '--b\r\nA: \0\r\n\r\n\r\n--b--', undefined],
    ['headers beyond 64 KiB', `--b\r\nA: ${'x'.repeat(70_000)}\r\n\r\n\r\n--b--`, undefined],
    ['more than 10,000 parts', `${'--b\r\n\r\n\r\n'.repeat(10_001)}--b--`, undefined],
  ])('is refused with %s', (_name, body, contentType) => {
    expect(parse(body, contentType)).toBe(null)
  })

  test('is posted to a server', async () => {
    await withServer(
      (request, response) => {
        void buffer(request).then((body) => {
          const headers = new MessageHeaders()
          headers.append('Content-Type', request.headers['content-type'] ?? '')
          const form = formDecodeMultipart(Multipart.newFromMessage(headers, body) as Multipart, 'file')
          response.end(`${request.method} ${form.fields.get('a')} ${form.filename} ${form.file?.length}`)
        })
      },
      async ({ origin }) => {
        using session = new Session()
        const multipart = new Multipart('multipart/form-data')
        multipart.appendFormString('a', 'b')
        multipart.appendFormFile('file', 'x.bin', null, Buffer.alloc(100_000))
        const answer = await session.sendAndRead(Message.newFromMultipart(`${origin}/`, multipart))
        expect(answer.toString()).toBe('POST b x.bin 100000')
      },
    )
  })
})

describe('a multipart response', () => {
  const BODY =
    'pre\r\n--b\r\nContent-Type: a\r\n\r\none\r\n--b\r\n\r\n\r\n--b\r\nContent-Type: c\r\n\r\nth\r\nree\r\n--b--\r\n'
  const PARTS = [
    { type: 'a', body: 'one' },
    { type: null, body: '' },
    { type: 'c', body: 'th\r\nree' },
  ]

  test('is read part by part, however it is cut', async () => {
    for (const size of [1, 2, 3, 5, 7, 11, 1000]) {
      const chunks = BODY.match(new RegExp(`[^]{1,${size}}`, 'g')) as string[]
      expect(await readAll(inputStream(bytesOf(...chunks)))).toEqual(PARTS)
    }
  })

  test('is read without a last boundary, and with dashes in the parameter', async () => {
    expect(await readAll(inputStream(bytesOf('--b\r\n\r\none\r\n--b\r\n\r\ntwo')))).toEqual([
      { type: null, body: 'one' },
      { type: null, body: 'two' },
    ])
    expect(await readAll(inputStream(bytesOf('--b\n\none\n--b'), 'multipart/x-mixed-replace; boundary=--b'))).toEqual([
      { type: null, body: 'one' },
    ])
  })

  test('passes over what is not read of a part', async () => {
    const stream = inputStream(bytesOf(BODY))
    const first = await stream.nextPart()
    const second = await stream.nextPart()
    expect(first?.destroyed).toBe(true)
    expect(await text(second as Readable)).toBe('')
    expect(await text((await stream.nextPart()) as Readable)).toBe('th\r\nree')
    expect(await stream.nextPart()).toBe(null)
    expect(await stream.nextPart()).toBe(null)
    expect(stream.getHeaders()).toBe(null)
  })

  test('is bounded in headers and parts', async () => {
    const headers = inputStream(bytesOf('--b\r\nA: ', ...new Array<string>(100).fill('x'.repeat(1000))))
    await expect(headers.nextPart()).rejects.toMatchObject({ code: 'PARSING', message: /more than 65536 bytes/ })
    const parts = inputStream(bytesOf('--b\r\n\r\n\r\n'.repeat(4)), undefined, { maxParts: 3 })
    await expect(readAll(parts)).rejects.toMatchObject({ code: 'PARSING', message: /more than 3 parts/ })
    expect(() => inputStream(bytesOf(''), 'multipart/mixed')).toThrow(/no multipart with a boundary/)
  })

  test('fails with its stream, and stops when it is told to', async () => {
    const failing = new Readable({ read: () => undefined })
    failing.push('--b\r\n\r\nsome')
    const part = (await inputStream(failing).nextPart()) as Readable
    failing.destroy(new Error('lost'))
    await expect(text(part)).rejects.toThrow('lost')

    const silent = new Readable({ read: () => undefined })
    const stream = inputStream(silent)
    const controller = new AbortController()
    const next = stream.nextPart({ signal: controller.signal })
    controller.abort()
    await expect(next).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(silent.destroyed).toBe(true)
  })

  test('comes over a connection while the server still writes it', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary="b"\r\n\r\n'
    await withRawServer(
      (socket) => void socket.once('data', () => socket.write(`${head}--b\r\n\r\nfirst\r\n--b\r\n\r\nsec`)),
      async ({ port }) => {
        using session = new Session()
        const message = new Message('GET', `http://127.0.0.1:${port}/`)
        const stream = new MultipartInputStream(message, await session.send(message))
        expect(await text((await stream.nextPart()) as Readable)).toBe('first')
        const second = (await stream.nextPart()) as Readable
        const [chunk] = (await second.iterator({ destroyOnReturn: false }).next()).value as Buffer
        expect(chunk).toBe('s'.charCodeAt(0))
        stream.destroy()
      },
    )
  })
})
