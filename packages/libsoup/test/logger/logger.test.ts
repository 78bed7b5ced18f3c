import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { startServer, withRawServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  Expectation,
  Logger,
  LoggerLogLevel,
  Message,
  MessageHeaders,
  MessageHeadersType,
  Session,
} from '../../src/index.ts'
import type { LoggerOptions } from '../../src/index.ts'

let server: ListeningServer
beforeAll(async () => {
  server = await startServer((request, response) => {
    if (request.url === '/moved') response.writeHead(302, { Location: '/', 'Content-Length': 0 }).end()
    else if (request.url === '/echo') request.pipe(response)
    else void text(request).then((body) => response.setHeader('X-Y', 'z').end(`got\n${body}\x1b[31m`))
  })
})
afterAll(() => server.close())

function logging(
  level: LoggerLogLevel,
  options?: LoggerOptions,
): Disposable & { session: Session; logger: Logger; lines: string[] } {
  const session = new Session()
  const logger = new Logger(level, options)
  const lines: string[] = []
  logger.setPrinter((_level, direction, data) => lines.push(`${direction} ${data}`.replace(/(Timestamp: )\d+$/, '$1T')))
  session.addFeature(logger)
  return { session, logger, lines, [Symbol.dispose]: () => session.abort() }
}

describe('the logger', () => {
  test('prints a line, the time and the numbers at the lowest level', async () => {
    using log = logging(LoggerLogLevel.MINIMAL)
    const { session, lines } = log
    const message = new Message('GET', `${server.origin}/a?b`)
    await session.sendAndRead(message)
    expect(lines).toEqual([
      '> GET /a?b HTTP/1.1',
      '> Soup-Debug-Timestamp: T',
      `> Soup-Debug: SoupSession 1, SoupMessage 1, GSocket ${message.connectionId}`,
      '< HTTP/1.1 200 OK',
      '< Soup-Debug-Timestamp: T',
      '< Soup-Debug: SoupMessage 1',
    ])
  })

  test('prints headers without secrets', async () => {
    using log = logging(LoggerLogLevel.HEADERS)
    const { session, lines } = log
    const message = new Message('GET', server.origin)
    message.requestHeaders.append('Authorization', `Basic ${Buffer.from('user:secret').toString('base64')}`)
    message.requestHeaders.append('Proxy-Authorization', 'Bearer secret-token')
    message.requestHeaders.append('X-Plain', 'Digest username="u"')
    await session.sendAndRead(message)
    expect(lines).toContain('> Soup-Host: 127.0.0.1')
    expect(lines).toContain('> Authorization: Basic [user:****]')
    expect(lines).toContain('> Proxy-Authorization: Bearer ****')
    expect(lines).toContain('> X-Plain: Digest username="u"')
    expect(lines).toContain('< X-Y: z')
    expect(lines.join('\n')).not.toContain('secret')
  })

  test('prints bodies, cut and with nothing a terminal would obey', async () => {
    using log = logging(LoggerLogLevel.BODY)
    const { session, lines } = log
    const message = new Message('POST', server.origin)
    message.setRequestBody('text/plain', Readable.from([Buffer.from('one\ntwo')], { objectMode: false }))
    expect((await session.sendAndRead(message)).toString()).toBe('got\none\ntwo\x1b[31m')
    expect(lines.filter((line) => !line.includes(':'))).toEqual([
      '> POST / HTTP/1.1',
      '> ',
      '> one',
      '> two',
      '< HTTP/1.1 200 OK',
      '< ',
      '< got',
      '< one',
      '< two.[31m',
    ])

    using short = logging(LoggerLogLevel.BODY, { maxBodySize: 3 })
    const bytes = new Message('PUT', server.origin)
    bytes.setRequestBodyFromBytes('text/plain', Buffer.from('abcdef'))
    const stream = await short.session.send(bytes)
    expect(short.lines.filter((line) => line.startsWith('<'))).toEqual([])
    expect(await text(stream)).toContain('abcdef')
    expect(short.lines.filter((line) => !line.includes(':'))).toEqual([
      '> PUT / HTTP/1.1',
      ...['> ', '> abc', '> [...]'],
      '< HTTP/1.1 200 OK',
      ...['< ', '< got', '< [...]'],
    ])
  })

  test('prints each request of a message that goes again', async () => {
    using log = logging(LoggerLogLevel.MINIMAL)
    const { session, lines } = log
    const message = new Message('GET', `${server.origin}/moved`)
    await session.sendAndRead(message)
    expect(lines.filter((line) => line.includes('HTTP/'))).toEqual([
      '> GET /moved HTTP/1.1',
      '< HTTP/1.1 302 Found',
      '> GET / HTTP/1.1',
      '< HTTP/1.1 200 OK',
    ])
    expect(lines.filter((line) => line.endsWith(', restarted'))).toHaveLength(1)
  })

  test('asks its filters, and does nothing at level none', async () => {
    using log = logging(LoggerLogLevel.NONE)
    const { session, logger, lines } = log
    await session.sendAndRead(new Message('GET', server.origin))
    expect(lines).toEqual([])
    logger.setRequestFilter((message) => (message.uri.path === '/yes' ? LoggerLogLevel.MINIMAL : LoggerLogLevel.NONE))
    await session.sendAndRead(new Message('GET', `${server.origin}/no`))
    await session.sendAndRead(new Message('GET', `${server.origin}/yes`))
    logger.setRequestFilter(null)
    logger.setResponseFilter(() => LoggerLogLevel.MINIMAL)
    await session.sendAndRead(new Message('GET', `${server.origin}/no`))
    expect(lines.filter((line) => line.includes('HTTP/'))).toEqual(['> GET /yes HTTP/1.1', '< HTTP/1.1 200 OK'])
  })

  test('prints what there is of a message that fails', async () => {
    await withRawServer(
      (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort')),
      async ({ port }) => {
        using log = logging(LoggerLogLevel.BODY)
        const { session, lines } = log
        const stream = await session.send(new Message('GET', `http://127.0.0.1:${port}/`))
        await expect(text(stream)).rejects.toThrow()
        expect(lines).toContain('< HTTP/1.1 200 OK')
        expect(lines).toContain('< short')
      },
    )
  })

  test('destroys a body whose reader goes away', async () => {
    using log = logging(LoggerLogLevel.BODY)
    const { session, lines } = log
    const stream = await session.send(new Message('GET', server.origin))
    stream.destroy()
    await new Promise((resolve) => stream.once('close', resolve))
    expect(lines).toContain('< HTTP/1.1 200 OK')
  })

  test('prints what waits for 100 Continue as it goes', async () => {
    using log = logging(LoggerLogLevel.BODY)
    const message = new Message('PUT', `${server.origin}/echo`)
    message.setRequestBodyFromBytes('text/plain', Buffer.from('the body'))
    message.requestHeaders.expectations = Expectation.CONTINUE
    await log.session.sendAndRead(message)
    expect(log.lines.filter((line) => !line.includes(':'))).toEqual([
      '> PUT /echo HTTP/1.1',
      '< HTTP/1.1 100 Continue',
      '> [Now sending request body...]',
      ...['> ', '> the body'],
      '< HTTP/1.1 200 OK',
      ...['< ', '< the body'],
    ])
  })

  test('says of an answer that does not come from the network that it was cached', async () => {
    using log = logging(LoggerLogLevel.BODY)
    const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
    log.session.addFeature({
      answer: () => ({ statusCode: 200, reasonPhrase: 'OK', headers, body: Readable.from([Buffer.from('stored')]) }),
    })
    await log.session.sendAndRead(new Message('GET', server.origin))
    expect(log.lines).toContain('> Soup-Debug: SoupSession 1, SoupMessage 1, cached')
    expect(log.lines.slice(-2)).toEqual(['< ', '< stored'])
  })
})
