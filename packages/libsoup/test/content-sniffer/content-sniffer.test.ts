import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { startServer, withRawServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ContentDecoder,
  ContentSniffer,
  Message,
  MessageHeaders,
  MessageHeadersType,
  Session,
} from '../../src/index.ts'
import { peekBody } from '../../src/content-sniffer/peek-body.ts'
import { messageState } from '../../src/message/message.ts'
import { gzipSync } from 'node:zlib'

function sniff(body: Buffer | string, contentType: string | null, options?: string): string {
  const message = new Message('GET', 'http://example.org/')
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  if (contentType !== null) headers.append('Content-Type', contentType)
  if (options !== undefined) headers.append('X-Content-Type-Options', options)
  messageState(message).setResponse(200, 'OK', headers)
  return new ContentSniffer().sniff(message, typeof body === 'string' ? Buffer.from(body, 'latin1') : body).type
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const MP4 = hex('00000018 66747970 71742020 00000000 6d703432 00000000')
const WEBM = hex('1a45dfa3 9f 4286 81 01 4282 84 7765626d 4287')
const MP3_FRAME = Buffer.concat([hex('fffb9064'), Buffer.alloc(413)])

describe('sniffing', () => {
  test.each<[string, Buffer | string, string]>([
    ['HTML', ' \n\t<!DOCTYPE hTmL>', 'text/html'],
    ['a tag', '<Body >', 'text/html'],
    ['a comment', '<!-- x', 'text/html'],
    ['a longer tag', '<bodyguard>', 'text/plain'],
    ['an unfinished tag', '<html', 'text/plain'],
    ['XML', '  <?xml version', 'text/xml'],
    ['PDF', '%PDF-1.4', 'application/pdf'],
    ['PostScript', '%!PS-Adobe-3', 'application/postscript'],
    ['UTF-16', Buffer.from('\xff\xfea\0', 'latin1'), 'text/plain'],
    ['PNG', hex('89504e470d0a1a0a00'), 'image/png'],
    ['GIF', 'GIF89a', 'image/gif'],
    ['JPEG', hex('ffd8ffe0'), 'image/jpeg'],
    ['WebP', 'RIFF....WEBPVP8', 'image/webp'],
    ['BMP', 'BM', 'image/bmp'],
    ['an icon', hex('00000100'), 'image/x-icon'],
    ['MP4', MP4, 'video/mp4'],
    ['WebM', WEBM, 'video/webm'],
    ['Matroska', hex('1a45dfa3 9f 4282 88 6d6174726f736b61'), 'application/octet-stream'],
    ['MP3 with a tag', 'ID3\x03', 'audio/mpeg'],
    ['MP3 without one', Buffer.concat([MP3_FRAME, MP3_FRAME]), 'audio/mpeg'],
    ['one MP3 frame', MP3_FRAME, 'application/octet-stream'],
    ['Ogg', 'OggS\0', 'application/ogg'],
    ['WAVE', 'RIFF....WAVE', 'audio/wave'],
    ['MIDI', hex('4d54686400000006'), 'audio/midi'],
    ['gzip', hex('1f8b08'), 'application/x-gzip'],
    ['ZIP', 'PK\x03\x04', 'application/zip'],
    ['text', 'héllo\n', 'text/plain'],
    ['nothing', '', 'text/plain'],
    ['binary data', 'a\0b', 'application/octet-stream'],
    ['binary data beyond what is looked at', `${'a'.repeat(1445)}\0`, 'text/plain'],
  ])('finds %s without a label', (_name, body, type) => {
    expect(sniff(body, null)).toBe(type)
    expect(sniff(body, 'unknown/unknown; x=y')).toBe(type)
  })

  test.each<[string, Buffer | string, string, string]>([
    ['believes what is not guessed at', '<html>', 'application/json', 'application/json'],
    ['believes XML', '<html>', 'application/atom+xml', 'application/atom+xml'],
    ['corrects images', 'GIF87a', 'image/png', 'image/gif'],
    ['makes no page of an image', '<html>', 'image/png', 'image/png'],
    ['keeps SVG', '<svg>', 'image/svg+xml', 'image/svg+xml'],
    ['corrects media', WEBM, 'video/mp4', 'video/webm'],
    ['corrects fonts', 'wOF2', 'font/woff', 'font/woff2'],
    ['finds binary data in text', 'a\0b', 'text/plain', 'application/octet-stream'],
    ['makes no page of text', '<html>\0', 'text/plain', 'application/octet-stream'],
    ['takes a byte order mark for text', Buffer.from('\xfe\xff\0a', 'latin1'), 'text/plain', 'text/plain'],
    ['believes text with an unusual label', 'a\0b', 'text/plain; charset=utf-8', 'text/plain'],
    ['finds RSS', '\xef\xbb\xbf <?xml?><!-- <feed --><rss>', 'text/html', 'application/rss+xml'],
    ['finds Atom', '<?xml version="1.0"?>\n<feed xmlns', 'text/html', 'application/atom+xml'],
    [
      'finds RSS 1.0',
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">',
      'text/html',
      'application/rss+xml',
    ],
    ['leaves pages', '<!DOCTYPE html><p>', 'text/html; charset=utf-8', 'text/html'],
    ['leaves pages that do not start with a tag', 'x<rss>', 'text/html', 'text/html'],
    ['leaves a comment without an end', '<!-- <rss>', 'text/html', 'text/html'],
  ])('%s', (_name, body, label, type) => {
    expect(sniff(body, label)).toBe(type)
  })

  test('believes every label when told so, and makes no script of what has none', () => {
    expect(sniff('GIF89a', 'image/png', 'NoSniff, x')).toBe('image/png')
    expect(sniff('GIF89a', null, 'nosniff')).toBe('image/gif')
    expect(sniff('<html>', null, 'nosniff')).toBe('text/plain')
    expect(sniff('<html>', null, 'x, nosniff')).toBe('text/html')
  })
})

describe('the first bytes of a body', () => {
  const enough = (size: number) => (header: Buffer) => header.length >= size

  test('are given back, whether enough came or not', async () => {
    const chunks = ['ab', 'cd', 'ef', 'gh']
    for (const size of [1, 3, 8, 9]) {
      const body = Readable.from(
        chunks.map((chunk) => Buffer.from(chunk)),
        { objectMode: false },
      )
      const peeked = await peekBody(body, enough(size), 10_000)
      expect(peeked.header.length).toBe(Math.min(8, size + (size % 2)))
      expect(await text(peeked.body)).toBe('abcdefgh')
    }
    const empty = await peekBody(Readable.from([], { objectMode: false }), enough(1), 10_000)
    expect(await text(empty.body)).toBe('')
  })

  test('are waited for no longer than said', async () => {
    const body = new Readable({ read: () => undefined })
    body.push('slow')
    const peeked = await peekBody(body, enough(10), 5)
    expect(peeked.header.toString()).toBe('slow')
    body.push(' end')
    body.push(null)
    expect(await text(peeked.body)).toBe('slow end')
  })

  test('come before the error that cut them', async () => {
    const body = new Readable({ read: () => undefined })
    const peeking = peekBody(body, enough(10), 10_000)
    body.push('some')
    await once(body, 'readable')
    body.destroy(new Error('cut'))
    const peeked = await peeking
    const chunks: string[] = []
    peeked.body.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
    await expect(once(peeked.body, 'close')).rejects.toThrow('cut')
    expect(chunks).toEqual(['some'])

    const silent = new Readable({ read: () => undefined })
    const failing = peekBody(silent, enough(1), 10_000)
    silent.destroy(new Error('lost'))
    await expect(failing).rejects.toThrow('lost')
  })
})

describe('a session with a sniffer', () => {
  let server: ListeningServer
  const big = Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(300_000, 7)])
  beforeAll(async () => {
    server = await startServer((request, response) => {
      if (request.url === '/gif') response.writeHead(200, { 'Content-Type': 'image/png; a=b' }).end(big)
      else if (request.url === '/gzip') response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('<html>'))
      else if (request.url === '/json') response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
      else if (request.url === '/moved')
        response.writeHead(302, { Location: '/gif', 'Content-Type': 'x/y' }).end('moved')
      else response.end()
    })
  })
  afterAll(() => server.close())

  async function get(path: string, method = 'GET'): Promise<{ sniffed: string[]; body: Buffer }> {
    using session = new Session()
    session.addFeature(new ContentSniffer())
    session.addFeature(new ContentDecoder())
    const message = new Message(method, server.origin + path)
    const sniffed: string[] = []
    message.on('content-sniffed', (type, params) => sniffed.push([type, ...params.keys()].join(' ')))
    const stream = await session.send(message)
    expect(sniffed.length).toBe(method === 'HEAD' && path === '/' ? 0 : 1)
    return { sniffed, body: await buffer(stream) }
  }

  test('is told the type before it gets the body', async () => {
    const gif = await get('/gif')
    expect(gif.sniffed).toEqual(['image/gif a'])
    expect(gif.body.equals(big)).toBe(true)
    expect((await get('/gzip')).sniffed).toEqual(['text/html'])
    expect((await get('/json')).sniffed).toEqual(['application/json'])
    expect((await get('/moved')).sniffed).toEqual(['image/gif a'])
    expect((await get('/')).sniffed).toEqual(['text/plain'])
    expect((await get('/gif', 'HEAD')).sniffed).toEqual(['image/png a'])
    expect((await get('/', 'HEAD')).sniffed).toEqual([])
  })

  test('does not wait for ever for a slow body', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n'
    await withRawServer(
      (socket) => void socket.once('data', () => socket.write(`${head}tick`)),
      async ({ port }) => {
        using session = new Session()
        session.addFeature(new ContentSniffer({ maxWait: 20 }))
        const message = new Message('GET', `http://127.0.0.1:${port}/`)
        const sniffed = once(message, 'content-sniffed')
        const stream = await session.send(message)
        expect((await sniffed)[0]).toBe('text/plain')
        const [chunk] = (await once(stream, 'data')) as [Buffer]
        expect(chunk.toString()).toBe('tick')
        stream.destroy()
      },
    )
  })
})
