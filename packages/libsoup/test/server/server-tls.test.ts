import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { OutgoingHttpHeaders } from 'node:http'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import {
  loadTlsBackend,
  TlsAuthenticationMode,
  TlsCertificate,
  TlsDatabase,
  type TlsBackendName,
} from '@wpe-networking/glib-gio'
import {
  Encoding,
  HTTPVersion,
  Server,
  type ServerConnectionFailedDiagnostics,
  type ServerOptions,
} from '@wpe-networking/libsoup'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { beforeAll, describe, expect, test } from 'vitest'
import { fetchAnswer } from './server-support.ts'

const run = promisify(execFile)

let authority: CertificateAuthority
let certificate: TlsCertificate

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  const { chainPem, privateKeyPem } = await authority.issue()
  certificate = TlsCertificate.fromPem(chainPem, { privateKeyPem })
})

async function isAvailable(name: TlsBackendName): Promise<boolean> {
  try {
    await loadTlsBackend(name)
    return true
  } catch {
    return false
  }
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    await run(program, ['--version'])
    return true
  } catch {
    return false
  }
}

async function withTlsServer(
  options: ServerOptions,
  use: (server: Server, uri: string) => Promise<void>,
): Promise<void> {
  const server = new Server({ tlsCertificate: certificate, ...options })
  await server.listenLocal(0, { ipv4Only: true })
  try {
    await use(server, String(server.uris[0]))
  } finally {
    await server.disconnect()
  }
}

async function withSession(uri: string, use: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
  const session = connectHttp2(uri, { ca: authority.certificatePem, servername: 'localhost' })
  try {
    await use(session)
  } finally {
    session.destroy()
  }
}

const hasCurl = await isInstalled('curl')
const backends: TlsBackendName[] = ['openssl', 'gnutls']

for (const tlsBackend of backends) {
  // GnuTLS is a library of the system: where it is missing there is nothing to test.
  describe.runIf(await isAvailable(tlsBackend))(`a Server over ${tlsBackend}`, () => {
    test('speaks HTTP/1.1 over TLS, with a body in each direction', async () => {
      await withTlsServer({ tlsBackend }, async (server, uri) => {
        server.addHandler('/', (_server, message) => {
          message.setStatus(200)
          message.setResponse('text/plain', message.requestBody.flatten())
        })
        const body = Buffer.alloc(1_000_000, 'abcdefg')
        const answer = await fetchAnswer(
          uri,
          { method: 'POST', ca: authority.certificatePem, servername: 'localhost' },
          body,
        )
        expect(uri).toMatch(/^https:/)
        expect(answer.status).toBe(200)
        expect(answer.body.equals(body)).toBe(true)
      })
    })

    test('speaks HTTP/2 with a client that offers it', async () => {
      await withTlsServer({ tlsBackend, serverHeader: '' }, async (server, uri) => {
        server.addHandler('/', (_server, message, path) => {
          const { httpVersion, requestHeaders, requestBody } = message
          message.setStatus(200)
          message.responseHeaders.append('X-Cookie', requestHeaders.getOne('Cookie') ?? '')
          message.setResponse('text/plain', `${String(message.uri)} ${path} ${requestBody.flatten().toString()}`)
          expect(httpVersion).toBe(HTTPVersion.HTTP_2_0)
        })
        await withSession(uri, async (session) => {
          const stream = session.request({ ':method': 'POST', ':path': '/a%20b', cookie: ['a=1', 'b=2'] as never })
          stream.end('hello')
          const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
          expect([headers[':status'], headers['server'], headers['x-cookie']]).toEqual([200, 'libsoup', 'a=1; b=2'])
          const { port } = new URL(uri)
          expect(await text(stream)).toBe(`https://localhost:${port}/a%20b /a b hello`)
        })
      })
    })

    test('keeps streams of one HTTP/2 connection apart, also when one is broken off', async () => {
      await withTlsServer({ tlsBackend }, async (server, uri) => {
        server.addHandler('/broken', async (_server, message) => {
          message.setStatus(200)
          message.responseHeaders.encoding = Encoding.CHUNKED
          const wrote = once(message, 'wrote-chunk')
          message.responseBody.append('a piece')
          await wrote
          throw new Error('broken on purpose')
        })
        server.addHandler('/good', (_server, message) => {
          message.setStatus(200)
          message.setResponse('text/plain', 'good')
        })
        const aborted = once(server, 'request-aborted')
        await withSession(uri, async (session) => {
          const broken = session.request({ ':path': '/broken' })
          const good = session.request({ ':path': '/good' })
          const failed = new Promise((resolve) => broken.on('error', resolve).resume())
          expect(await text(good)).toBe('good')
          expect(await failed).toMatchObject({ code: 'ERR_HTTP2_STREAM_ERROR' })
          expect(broken.rstCode).toBe(2)
          expect(((await aborted)[1] as Error).message).toBe('broken on purpose')
          expect(await text(session.request({ ':path': '/good' }))).toBe('good')
        })
      })
    })

    test('limits HTTP/2 as it does HTTP/1, and gives no stream of it away', async () => {
      await withTlsServer({ tlsBackend, maxHeaderFields: 10, maxRequestBodyBytes: 10 }, async (server, uri) => {
        server.addHandler('/', (_server, message) => {
          expect(() => message.stealConnection()).toThrow('cannot be taken over')
          message.setStatus(204)
        })
        await withSession(uri, async (session) => {
          const statusOf = async (headers: OutgoingHttpHeaders, body = ''): Promise<unknown> => {
            const stream = session.request({ ':path': '/', ...headers }, { endStream: false })
            stream.on('error', () => {}).end(body)
            const [received] = (await once(stream, 'response')) as [Record<string, unknown>]
            return received[':status']
          }
          const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`x-${index}`, 'y']))
          expect(await statusOf({})).toBe(204)
          expect(await statusOf(many)).toBe(431)
          expect(await statusOf({ ':method': 'POST' }, '12345678901')).toBe(413)
          expect(await statusOf({ ':method': 'CONNECT', ':authority': 'a:1', ':path': undefined })).toBe(405)
          expect(await statusOf({ ':path': '/%00' })).toBe(400)
          expect(await statusOf({})).toBe(204)
        })
      })
    })

    test('does not offer HTTP/2 when told so', async () => {
      await withTlsServer({ tlsBackend, http2: false }, async (server, uri) => {
        server.addHandler('/', (_server, message) => message.setStatus(204))
        const session = connectHttp2(uri, { ca: authority.certificatePem, servername: 'localhost' })
        await expect(once(session, 'connect')).rejects.toThrow()
        session.destroy()
      })
    })

    test('knows who its clients are, when it asks', async () => {
      const client = await authority.issue({ commonName: 'a client', usages: ['client'] })
      const tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
      await withTlsServer(
        { tlsBackend, tlsDatabase, tlsAuthMode: TlsAuthenticationMode.REQUIRED },
        async (server, uri) => {
          server.addHandler('/', (_server, message) => {
            message.setStatus(200)
            message.setResponse(
              'text/plain',
              `${message.tlsPeerCertificateErrors} ${message.tlsPeerCertificate?.subjectName}`,
            )
          })
          const trust = { ca: authority.certificatePem, servername: 'localhost' }
          const known = { ...trust, cert: client.certificatePem, key: client.privateKeyPem }
          expect((await fetchAnswer(uri, known)).body.toString()).toMatch(/^0 .*a client/)
          await expect(fetchAnswer(uri, trust)).rejects.toThrow()
        },
      )
    })

    test('may accept a client whose certificate failed its checks, for its messages to see', async () => {
      const strangers = await CertificateAuthority.create()
      const stranger = await strangers.issue({ commonName: 'a stranger', usages: ['client'] })
      const tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
      const tlsAuthMode = TlsAuthenticationMode.REQUIRED
      await withTlsServer({ tlsBackend, tlsDatabase, tlsAuthMode }, async (server, uri) => {
        server.addHandler('/', (_server, message) => {
          message.setStatus(200)
          message.setResponse(
            'text/plain',
            `${message.tlsPeerCertificateErrors} ${message.tlsPeerCertificate?.subjectName} ${message.socket?.remotePort}`,
          )
        })
        const trust = { ca: authority.certificatePem, servername: 'localhost' }
        const presented = { ...trust, cert: stranger.certificatePem, key: stranger.privateKeyPem }
        await expect(fetchAnswer(uri, presented)).rejects.toThrow()
        const asked: unknown[] = []
        server.on('accept-certificate', (shown, errors, remoteAddress) => {
          asked.push(shown.subjectName, errors, String(remoteAddress).startsWith('127.0.0.1:'))
          return true
        })
        expect((await fetchAnswer(uri, presented)).body.toString()).toMatch(/^1 .*a stranger \d+$/)
        expect(asked).toEqual([expect.stringContaining('a stranger'), 1, true])
        server.removeAllListeners('accept-certificate').on('accept-certificate', () => false)
        await expect(fetchAnswer(uri, presented)).rejects.toThrow()
      })
    })

    test('shows each client the certificate for the name it asks for', async () => {
      const other = await authority.issue({ commonName: 'other', dnsNames: ['other.example'] })
      const chosen = TlsCertificate.fromPem(other.chainPem, other)
      const asked: (string | null)[] = []
      const chooseTlsCertificate = (name: string | null): TlsCertificate | null => {
        asked.push(name)
        return name === 'other.example' ? chosen : null
      }
      await withTlsServer({ tlsBackend, chooseTlsCertificate }, async (server, uri) => {
        server.addHandler('/', (_server, message) => message.setStatus(204))
        const trust = { ca: authority.certificatePem }
        for (const servername of ['localhost', 'other.example']) {
          expect((await fetchAnswer(uri, { ...trust, servername })).status).toBe(204)
        }
        await expect(fetchAnswer(uri, { ...trust, servername: 'third.example' })).rejects.toThrow('altnames')
        const session = connectHttp2(uri, { ...trust, servername: 'other.example' })
        const [headers] = (await once(session.request({ ':path': '/' }), 'response')) as [Record<string, unknown>]
        expect(headers[':status']).toBe(204)
        session.destroy()
        expect(asked).toEqual(['localhost', 'other.example', 'third.example', 'other.example'])
      })
    })

    test('reports a client that does not speak TLS, and serves the next one', async () => {
      await withTlsServer({ tlsBackend }, async (server, uri) => {
        server.addHandler('/', (_server, message) => message.setStatus(204))
        const { promise, resolve } = Promise.withResolvers<ServerConnectionFailedDiagnostics>()
        const listener = (message: unknown): void => resolve(message as ServerConnectionFailedDiagnostics)
        subscribe('wpe:soup:server-connection-failed', listener)
        const { hostname, port } = new URL(uri)
        const socket = connect(Number(port), hostname, () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))
        socket.on('error', () => {}).resume()
        const { error } = await promise
        unsubscribe('wpe:soup:server-connection-failed', listener)
        expect(error).toMatchObject({ domain: 'g-tls-error-quark' })
        const answer = await fetchAnswer(uri, { ca: authority.certificatePem, servername: 'localhost' })
        expect(answer.status).toBe(204)
      })
    })

    test('closes connections in the middle of their handshake on disconnect', async () => {
      const server = new Server({ tlsCertificate: certificate, tlsBackend })
      await server.listenLocal(0, { ipv4Only: true })
      const { hostname, port } = new URL(String(server.uris[0]))
      const socket = connect(Number(port), hostname)
      await once(socket, 'connect')
      // A second connection that is answered shows that the first was accepted.
      await expect(
        fetchAnswer(String(server.uris[0]), { ca: authority.certificatePem, servername: 'localhost' }),
      ).resolves.toMatchObject({ status: 404 })
      const closed = once(socket, 'close')
      socket.on('error', () => {}).resume()
      await server.disconnect()
      await closed
    })

    test.runIf(hasCurl)('is understood by curl, over HTTP/1.1 and HTTP/2', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'server-tls-'))
      try {
        const caFile = join(folder, 'ca.pem')
        await writeFile(caFile, authority.certificatePem)
        await withTlsServer({ tlsBackend }, async (server, uri) => {
          server.addHandler('/', (_server, message) => {
            message.setStatus(200)
            message.setResponse('text/plain', 'for curl')
          })
          const url = `https://localhost:${new URL(uri).port}/`
          const curl = async (...options: string[]): Promise<string> => {
            const format = ' %{http_version} %{http_code} %{ssl_verify_result}'
            return (await run('curl', ['-s', '-m', '10', '--cacert', caFile, '-w', format, ...options, url])).stdout
          }
          expect(await curl('--http1.1')).toBe('for curl 1.1 200 0')
          expect(await curl('--http2')).toBe('for curl 2 200 0')
          expect(await curl('--http1.1', '-H', 'Expect: 100-continue', '-d', 'body')).toBe('for curl 1.1 200 0')
        })
      } finally {
        await rm(folder, { recursive: true })
      }
    })
  })
}
