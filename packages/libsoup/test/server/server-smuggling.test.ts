import { once } from 'node:events'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { TlsCertificate } from '@wpe-networking/glib-gio'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { exchangeBytes, withServer } from './server-support.ts'

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'

/** Requests two recipients could read in two ways; what follows one of them must never become a request of its own. */
const AMBIGUOUS: readonly (readonly [what: string, bytes: string])[] = [
  [
    'Content-Length beside Transfer-Encoding',
    `${HEAD}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['two different lengths', `${HEAD}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`],
  ['a list of lengths', `${HEAD}Content-Length: 3, 3\r\n\r\nabc`],
  ['a signed length', `${HEAD}Content-Length: +3\r\n\r\nabc`],
  ['a length that is no number', `${HEAD}Content-Length: 3x\r\n\r\nabc`],
  ['an unknown transfer coding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['chunked that is not the last coding', `${HEAD}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
  ['Transfer-Encoding in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a space before the colon', `${HEAD}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['a continued field line', `${HEAD}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
  ['a field continued in its middle', `${HEAD}X: a\r\n b\r\n\r\n`],
  ['a bare LF in the head', 'POST / HTTP/1.1\r\nHost: x\nConnection: close\r\n\r\n'],
  ['a bare CR in a value', `${HEAD}X: a\rb\r\n\r\n`],
  ['a NUL in a value', `${HEAD}X: a\0b\r\n\r\n`],
  ['a NUL in a name', `${HEAD}X\0Y: a\r\n\r\n`],
  ['a chunk size with a sign', `${HEAD}Transfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n`],
  ['a chunk size that is no number', `${HEAD}Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n`],
  ['an endless chunk size', `${HEAD}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na\r\n0\r\n\r\n`],
  ['a chunk longer than its size', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`],
  ['a chunk that ends with a bare LF', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n`],
  ['a chunk size that ends with a bare LF', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n`],
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n'],
  ['two Hosts that are the same', 'GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\nConnection: close\r\n\r\n'],
  ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n'],
  ['a Host with a path', 'GET /a HTTP/1.1\r\nHost: x/y?z=\r\nConnection: close\r\n\r\n'],
  ['a version that does not exist', 'GET / HTTP/1.7\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ['an HTTP/0.9 request', 'GET /\r\n\r\n'],
  ['a CONNECT to a path', 'CONNECT /a HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a CONNECT without a port', 'CONNECT a HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a CONNECT to a host with a path', 'CONNECT a:1/b HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a CONNECT to a user', 'CONNECT a@b:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['chunked that is there twice', `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['codings in two fields', `${HEAD}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a coding before chunked', `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['a version of HTTP that looks otherwise', 'GET / HTTP/2.0\r\nHost: x\r\n\r\n'],
  ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
]

describe('a Server refuses', () => {
  test.each(AMBIGUOUS)('%s', async (_what, bytes) => {
    await withServer({}, async (server, uri) => {
      let calls = 0
      server.addHandler('/', (_server, message) => {
        calls++
        message.setStatus(200)
      })
      const hidden = 'GET /hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
      const answer = await exchangeBytes(uri, bytes + hidden)
      expect(calls).toBe(0)
      // A request whose body turned out to be bad may have its connection closed without an answer.
      expect(answer).toMatch(/^(?:HTTP\/1\.1 (?:400|501|505) [^]*)?$/)
      expect(answer.match(/HTTP\/1\.1 /g)?.length ?? 0).toBeLessThanOrEqual(1)
    })
  })

  test('too many header fields with 431', async () => {
    await withServer({ maxHeaderFields: 10 }, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(204))
      const head = (fields: number): string =>
        `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${'A: b\r\n'.repeat(fields - 2)}\r\n`
      expect(await exchangeBytes(uri, head(10))).toMatch(/^HTTP\/1\.1 204 /)
      expect(await exchangeBytes(uri, head(11))).toMatch(/^HTTP\/1\.1 431 [^]*Connection: close/)
      expect(await exchangeBytes(uri, head(500))).toMatch(/^HTTP\/1\.1 431 /)
    })
  })

  test('an HTTP/2 request with a Host that is not its :authority', async () => {
    const { chainPem, privateKeyPem } = await (await CertificateAuthority.create()).issue()
    const certificate = TlsCertificate.fromPem(chainPem, { privateKeyPem })
    await withServer({ tlsCertificate: certificate }, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(204))
      const session = connectHttp2(uri, { rejectUnauthorized: false })
      try {
        const statuses: unknown[] = []
        for (const host of ['front.example', 'FRONT.example', 'back.example']) {
          const stream = session.request({ ':authority': 'front.example', host })
          const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
          statuses.push(headers[':status'])
          stream.resume()
        }
        expect(statuses).toEqual([204, 204, 400])
      } finally {
        session.destroy()
      }
    })
  })

  test('an expectation it does not know with 417', async () => {
    await withServer({}, async (_server, uri) => {
      const request = 'PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: magic\r\nContent-Length: 1\r\n\r\na'
      expect(await exchangeBytes(uri, request)).toMatch(/^HTTP\/1\.1 417 /)
    })
  })
})
