// The same response bytes, well-formed and not, read by a session and by node:http: both take them or both refuse them, and
// see the same. Where they differ on purpose, DIFFERENCES says when and why.

import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { withRawServer } from '@wpe-networking/test-support'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'
import { mutated, RUNS, textOf } from './fuzzing.ts'

/** What a client made of a response; null if it refused it. */
type Verdict = {
  readonly status: number
  readonly reason: string
  readonly fields: string[]
  readonly body: string
} | null

interface Difference {
  readonly when: string
  readonly reason: string
  readonly applies: (response: string, ours: Verdict, theirs: Verdict) => boolean
}

const DIFFERENCES: readonly Difference[] = [
  {
    when: 'a reason phrase that is not ASCII',
    reason: 'undici reads it as UTF-8, node:http as Latin-1; nobody may rely on it (RFC 9112 section 4)',
    applies: (_response, ours, theirs) => ours?.reason.includes('\ufffd') === true && sameBut('reason', ours, theirs),
  },
  {
    when: 'a status below 100',
    reason: 'there is none (RFC 9110 section 15), so it is refused, as libsoup does',
    applies: (_response, ours, theirs) => ours === null && theirs !== null && theirs.status < 100,
  },
  {
    when: 'a 100 Continue that is not quite one',
    reason: 'undici refuses 100 when nobody asked for it, so it is taken out; only what is surely one is',
    applies: (response, ours, theirs) => ours === null && theirs !== null && /^[\r\n]*HTTP\/1\.1 100/.test(response),
  },
  {
    when: 'several CRs at the end of the status line',
    reason: "undici's build of the parser takes them for the end of the header section",
    applies: (response, ours, theirs) => ours !== null && theirs === null && /^[^\r\n]*\r\r/.test(response),
  },
  {
    when: 'a transfer coding other than chunked alone',
    reason: 'node:http delivers what is still encoded (RFC 9112 section 6.1)',
    applies: (_response, ours, theirs) => ours === null && theirs !== null && !isChunkedAlone(theirs.fields),
  },
]

function isChunkedAlone(fields: readonly string[]): boolean {
  const codings = fields.filter((field) => /^transfer-encoding:/i.test(field))
  return codings.length === 0 || (codings.length === 1 && /: ?chunked$/i.test(codings[0] as string))
}

function sameBut(key: keyof NonNullable<Verdict>, ours: Verdict, theirs: Verdict): boolean {
  return JSON.stringify({ ...ours, [key]: null }) === JSON.stringify({ ...theirs, [key]: null })
}

const FIELDS = [
  ...['A: 1', 'B:  two ', 'a:', 'Set-Cookie: x=1', 'Content-Type: text/plain', 'X-Long: '.padEnd(300, 'x')],
  ...['Connection: close', 'Connection: keep-alive', 'Content-Length: 4', 'Content-Length: 0', 'Content-Length: 9'],
  ...['Content-Length: 4, 4', 'Content-Length: -1', 'Content-Length: 4x', 'Transfer-Encoding: chunked'],
  ...['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked, chunked', 'Trailer: T', 'Bad Name: 1', 'No-Colon'],
  ...[
    ': empty',
    ' folded',
    '\ttab',
    'NUL: \0',
    'Bell: \x07',
    'Latin: \xe9',
    'Colon : 1',
    'CR: a\rb',
    'LF: a\nb',
    'Date: x',
  ],
]
const BODIES = [
  '',
  'four',
  'more than four',
  '4\r\nfour\r\n0\r\n\r\n',
  '4;x=y\r\nfour\r\n0\r\nT: 1\r\n\r\n',
  '5\r\nfour\r\n0\r\n\r\n',
  'zz\r\n',
]
const STATUS_LINES = [
  ...['HTTP/1.1 200 OK', 'HTTP/1.0 200 OK', 'HTTP/1.1 204 No Content', 'HTTP/1.1 304 Not Modified', 'HTTP/1.1 404 '],
  ...[
    'HTTP/1.1 500',
    'HTTP/1.1 999 Odd',
    'HTTP/1.1 099 Low',
    'HTTP/1.1 20 Short',
    'HTTP/2.0 200 OK',
    'HTTP/1.2 200 OK',
    'ICY 200 OK',
  ],
  ...['HTTP/1.1  200 OK', 'http/1.1 200 OK', 'HTTP/1.1 200 \xe9', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK'],
]
const NOISE = ['\r\n', '\n', '\r', ' ', '\t', ':', '\0', 'x', ';', ',', '0', '\x80']

const wellFormed = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('HTTP/1.1 200 OK') },
      { weight: 2, arbitrary: fc.constantFrom(...STATUS_LINES) },
    ),
    fc.array(fc.constantFrom(...FIELDS), { maxLength: 4 }),
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...BODIES) }, { weight: 1, arbitrary: textOf(NOISE, 6) }),
  )
  .map(([line, fields, body]) => `${[line, ...fields].join('\r\n')}\r\n\r\n${body}`)
const responses = fc.oneof(wellFormed, mutated(wellFormed, NOISE))

async function readWithSession(port: number): Promise<Verdict> {
  using session = new Session({ timeout: 5 })
  const message = new Message('GET', `http://127.0.0.1:${port}/`)
  try {
    const body = await session.sendAndRead(message)
    const { statusCode, reasonPhrase, responseHeaders } = message
    return {
      status: statusCode,
      reason: reasonPhrase,
      fields: fieldsOf(responseHeaders.toRawList()),
      body: body.toString('latin1'),
    }
  } catch {
    return null // refused: why is not compared
  }
}

async function readWithNode(port: number): Promise<Verdict> {
  try {
    const sent = request({ port, host: '127.0.0.1', agent: false, timeout: 5000 }).end()
    sent.on('error', () => undefined) // one behind the headers comes to the response as well
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const body = await buffer(response)
    const { statusCode = 0, statusMessage = '', rawHeaders } = response
    return { status: statusCode, reason: statusMessage, fields: fieldsOf(rawHeaders), body: body.toString('latin1') }
  } catch {
    return null
  }
}

function fieldsOf(raw: readonly string[]): string[] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1] ?? ''}`] : []))
}

test('a session and node:http make the same of any response', async () => {
  let response = ''
  await withRawServer(
    (socket) =>
      void socket.on('error', () => undefined).once('data', () => socket.end(Buffer.from(response, 'latin1'))),
    async ({ port }) => {
      await fc.assert(
        fc.asyncProperty(responses, async (text) => {
          response = text
          const [ours, theirs] = [await readWithSession(port), await readWithNode(port)]
          if (DIFFERENCES.some(({ applies }) => applies(text, ours, theirs))) return
          expect(ours).toEqual(theirs)
        }),
        RUNS,
      )
    },
  )
})
