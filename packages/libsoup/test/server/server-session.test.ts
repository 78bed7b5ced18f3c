import { once } from 'node:events'
import { TlsCertificate, TlsDatabase, type TlsBackendName } from '@wpe-networking/glib-gio'
import { CookieJar, ContentDecoder, Encoding, HTTPVersion, Message, Server, Session } from '@wpe-networking/libsoup'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { withServer } from './server-support.ts'

describe('a Session and a Server of this package', () => {
  test('exchange bodies, cookies and compression in clear text', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/set', (_server, message) => {
        message.responseHeaders.append('Set-Cookie', 'a=1; Path=/')
        message.setRedirect(302, '/echo')
      })
      server.addHandler('/echo', (_server, message) => {
        message.responseHeaders.append('Content-Encoding', 'gzip')
        message.setStatus(200)
        message.setResponse('text/plain', gzipSync(message.requestHeaders.getOne('Cookie') ?? 'no cookie'))
      })
      using session = new Session()
      session.addFeature(new CookieJar())
      session.addFeature(new ContentDecoder())
      const read = async (path: string): Promise<string> =>
        (await session.sendAndRead(new Message('GET', new URL(path, uri)))).toString()
      expect(await read('/echo')).toBe('no cookie')
      expect(await read('/set')).toBe('a=1')
    })
  })

  test.each<TlsBackendName>(['openssl', 'gnutls'])(
    'speak HTTP/2 over %s, a chunked body and all',
    async (tlsBackend) => {
      const authority = await CertificateAuthority.create()
      const { chainPem, privateKeyPem } = await authority.issue()
      const server = new Server({ tlsCertificate: TlsCertificate.fromPem(chainPem, { privateKeyPem }), tlsBackend })
      server.addHandler('/', async (_server, message) => {
        message.setStatus(200)
        message.responseHeaders.encoding = Encoding.CHUNKED
        for (const piece of ['one ', 'two ', 'three']) {
          const wrote = once(message, 'wrote-chunk')
          message.responseBody.append(piece)
          await wrote
        }
        message.responseBody.complete()
      })
      await server.listenLocal(0, { ipv4Only: true })
      try {
        const tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
        using session = new Session({ tlsDatabase, tlsBackend })
        const message = new Message('GET', String(server.uris[0]))
        expect((await session.sendAndRead(message)).toString()).toBe('one two three')
        expect(message.httpVersion).toBe(HTTPVersion.HTTP_2_0)
      } finally {
        await server.disconnect()
      }
    },
  )
})
