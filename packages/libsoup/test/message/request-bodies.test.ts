// Bodies of requests over both versions of HTTP: from memory, streams and files, of known and unknown length, sent once
// and sent again.

import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority, startHttp2Server, startServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Message, Session, type SessionFeature } from '../../src/index.ts'

interface Received {
  readonly body: Buffer
  readonly contentLength: string | undefined
  readonly contentType: string | undefined
}

let folder: string
let file: string
let database: TlsDatabase
const content = Buffer.alloc(300_000, 'a file of three hundred thousand bytes ')
const servers = new Map<string, ListeningServer>()
let received: Received[] = []
let session: Session

async function record(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { 'content-length': contentLength, 'content-type': contentType } = request.headers
  const body = await buffer(request)
  received.push({ body, contentLength, contentType })
  response.end('taken')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soup-bodies-'))
  file = join(folder, 'upload.bin')
  await writeFile(file, content)
  const authority = await CertificateAuthority.create()
  database = new TlsDatabase([authority.certificatePem])
  servers.set('HTTP/1.1', await startServer(record))
  const handler = record as unknown as Parameters<typeof startHttp2Server>[0]
  servers.set('HTTP/2', await startHttp2Server(handler, { certificate: await authority.issue() }))
})
afterAll(async () => {
  for (const server of servers.values()) await server.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  received = []
  session = new Session({ tlsDatabase: database })
})
afterEach(() => session.close())

/** Sends each message twice. */
function sendsTwice(): SessionFeature {
  const seen = new WeakSet<Message>()
  return {
    reviewResponse: (message) => {
      if (seen.has(message)) return 'deliver'
      seen.add(message)
      return 'resend'
    },
  }
}

const parts = (): Readable => Readable.from([Buffer.from('two '), Buffer.from('parts')], { objectMode: false })

describe.each(['HTTP/1.1', 'HTTP/2'])('over %s', (version) => {
  const post = (): Message => new Message('POST', servers.get(version)!.origin)

  test('bytes are sent with their length', async () => {
    const message = post()
    message.setRequestBodyFromBytes('text/plain', Buffer.from('bytes'))
    expect((await session.sendAndRead(message)).toString()).toBe('taken')
    expect(received).toEqual([{ body: Buffer.from('bytes'), contentLength: '5', contentType: 'text/plain' }])
  })

  test('no bytes at all are a body too', async () => {
    const message = post()
    message.setRequestBodyFromBytes('text/plain', new Uint8Array())
    await session.sendAndRead(message)
    expect(received).toEqual([{ body: Buffer.alloc(0), contentLength: '0', contentType: 'text/plain' }])
  })

  test('a stream of unknown length is sent without one', async () => {
    const message = post()
    message.setRequestBody('text/plain', parts())
    await session.sendAndRead(message)
    expect(received).toEqual([{ body: Buffer.from('two parts'), contentLength: undefined, contentType: 'text/plain' }])
  })

  test('a stream of known length is sent with it', async () => {
    const message = post()
    message.setRequestBody(null, parts(), 9)
    await session.sendAndRead(message)
    expect(received).toEqual([{ body: Buffer.from('two parts'), contentLength: '9', contentType: undefined }])
  })

  test('a file is opened anew each time it is sent', async () => {
    session.addFeature(sendsTwice())
    const message = post()
    const { size } = await stat(file)
    message.setRequestBody('application/octet-stream', () => createReadStream(file), size)
    await session.sendAndRead(message)
    expect(received.map(({ body }) => body.equals(content))).toEqual([true, true])
    expect(received.map(({ contentLength }) => contentLength)).toEqual(['300000', '300000'])
  })

  test('bytes are sent again as they are, a stream only once', async () => {
    session.addFeature(sendsTwice())
    const bytes = post()
    bytes.setRequestBodyFromBytes(null, Buffer.from('again'))
    await session.sendAndRead(bytes)
    const stream = post()
    stream.setRequestBody(null, parts())
    await session.sendAndRead(stream)
    expect(received.map(({ body }) => body.toString())).toEqual(['again', 'again', 'two parts'])
    await expect(session.sendAndRead(stream)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('a file that cannot be read fails the message, and only that', async () => {
    const message = post()
    message.setRequestBody(null, () => createReadStream(join(folder, 'missing')))
    await expect(session.sendAndRead(message)).rejects.toThrow(/ENOENT|no such file|does not exist/i)
    const next = post()
    next.setRequestBodyFromBytes(null, Buffer.from('next'))
    expect((await session.sendAndRead(next)).toString()).toBe('taken')
  })

  test.each([
    ['shorter', 10],
    ['longer', 8],
  ])('a stream %s than its length is an error', async (_how, length) => {
    const message = post()
    message.setRequestBody(null, parts(), length)
    await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(received).toEqual([])
  })

  test('a body that is not wanted is let go when the message is cancelled', async () => {
    const endless = new Readable({ read() {} })
    const message = post()
    message.setRequestBody(null, endless)
    const controller = new AbortController()
    message.on('wrote-headers', () => controller.abort())
    const sent = session.sendAndRead(message, { signal: controller.signal })
    endless.push('first')
    await expect(sent).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect.poll(() => endless.destroyed).toBe(true)
  })
})
