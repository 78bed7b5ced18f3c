// Negotiate where Kerberos is slow, absent, or not to be trusted with; and with proxies.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { SimpleProxyResolver } from '@wpe-networking/glib-gio'
import {
  clientConfiguration,
  hasSquid,
  startRawServer,
  withServer,
  withSquid,
  withTlsServer,
  type ListeningServer,
  type RequestHandler,
} from '@wpe-networking/test-support'
import { gssHandles } from '../../../src/auth/negotiate/gss-context.ts'
import { GssLibrary } from '../../../src/auth/negotiate/gss-library.ts'
import { loadLibGssapi } from '../../../src/auth/negotiate/libgssapi.ts'
import { koffiMissing } from '../../../src/auth/negotiate/negotiate-error.ts'
import {
  AuthBasic,
  AuthManager,
  AuthNegotiate,
  Message,
  Session,
  type AuthNegotiateOptions,
  type AuthScheme,
} from '../../../src/index.ts'
import { acceptToken } from './gss-acceptor.ts'
import {
  failuresDuring,
  get,
  hasKerberos,
  makeSession,
  startRealm,
  withNegotiateServer,
  type Realm,
} from './negotiate-support.ts'

const NO_HANDLES = { names: 0, contexts: 0 }

/** Asks for Negotiate or Basic. */
const offering: RequestListener = (request, response) => {
  const given = request.headers.authorization?.split(' ')[0]
  if (given === undefined) response.writeHead(401, { 'WWW-Authenticate': ['Negotiate', 'Basic realm="r"'] })
  response.end(given ?? 'no')
}

describe('without the library', () => {
  const absent = (): GssLibrary => new GssLibrary(() => loadLibGssapi(['libgssapi-that-is-not-there.so']))

  it('the next scheme is used, and the process is warned once', async () => {
    const library = absent()
    const warnings: Error[] = []
    const listener = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listener)
    try {
      await withServer(offering, async ({ origin }) => {
        const { schemeName, strength } = AuthNegotiate
        const options = { trustedUris: [origin] }
        const scheme: AuthScheme = {
          schemeName,
          strength,
          create: (place) => new AuthNegotiate(place, options, library),
        }
        using session = new Session({ proxyResolver: null })
        session.addFeature(new AuthManager({ schemes: [AuthBasic, scheme] }))
        const uri = origin.replace('//', '//user:password@')
        expect(await get(session, `${uri}/a`)).toMatchObject({ body: 'Basic' })
        expect(await get(session, `${uri}/b/c`)).toMatchObject({ body: 'Basic' })
      })
      await new Promise(setImmediate)
    } finally {
      process.off('warning', listener)
    }
    expect(warnings).toEqual([expect.objectContaining({ name: 'SoupWarning', code: 'SOUP_NEGOTIATE_UNAVAILABLE' })])
  })

  it.each(['libgssapi-krb5-2', 'Fedora', 'Homebrew'])('the error names %s', (name) => {
    const attempt = (): unknown => loadLibGssapi(['libgssapi-that-is-not-there.so'])
    expect(attempt).toThrow(expect.objectContaining({ domain: 'soup-negotiate-error-quark', code: 'UNAVAILABLE' }))
    expect(attempt).toThrow(name)
  })

  it('another library is not taken for it', () => {
    expect(() => loadLibGssapi(['libc.so.6'])).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }))
  })

  it('a missing koffi is named as what it is', () => {
    expect(koffiMissing(new Error('none')).message).toContain('npm package koffi')
  })
})

describe.skipIf(!hasKerberos())('with the library', () => {
  let realm: Realm

  beforeAll(async () => {
    realm = await startRealm()
  })

  beforeEach(async () => await realm.login())

  afterEach(async () => await vi.waitFor(() => expect(gssHandles()).toEqual(NO_HANDLES)))

  afterAll(async () => await realm.close())

  describe('and a KDC that does not answer', () => {
    let silent: ListeningServer

    beforeEach(async () => {
      silent = await startRawServer((socket) => void socket.resume())
      const config = join(realm.kdc.keytab, '..', 'silent.conf')
      writeFileSync(config, clientConfiguration(realm.kdc.realm, silent.port))
      realm.setEnvironment({ KRB5_CONFIG: config })
    })

    afterEach(async () => await silent.close()) // Upon which the library gives up as well.

    it('gives up after a while, and other messages go on meanwhile', async () => {
      using session = makeSession(realm, [AuthNegotiate.withOptions({ timeoutMs: 300 })])
      await withNegotiateServer(
        realm,
        () => ({ status: 200 }),
        async (origin) => {
          const failures = await failuresDuring(async () => {
            const slow = get(session, `${origin}/`)
            let isOver = false
            void slow.finally(() => (isOver = true))
            await vi.waitFor(() => expect(silent.openConnections).toBe(1))
            await withServer(offering, async (other) => {
              expect((await get(session, `${other.origin}/`)).status).toBe(401)
            })
            expect(isOver).toBe(false)
            expect((await slow).status).toBe(401)
          })
          expect(failures).toEqual(['TIMED_OUT: The Kerberos library did not answer within 300 ms.'])
        },
      )
    })

    it('lets go of messages that are cancelled, and of those that wait for them', async () => {
      using session = makeSession(realm)
      await withNegotiateServer(
        realm,
        () => ({ status: 200 }),
        async (origin) => {
          const controller = new AbortController()
          const all = Array.from({ length: 4 }, () => get(session, `${origin}/`, controller.signal))
          const results = Promise.allSettled(all)
          await vi.waitFor(() => expect(silent.openConnections).toBe(2))
          controller.abort()
          for (const result of await results) {
            expect(result).toMatchObject({ status: 'rejected', reason: { code: 'CANCELLED' } })
          }
        },
      )
    })
  })

  describe('and servers without TLS', () => {
    it.each<[string, (origin: string) => AuthNegotiateOptions, string]>([
      ['nobody by default', () => ({}), 'Basic'],
      ['those on the list', (origin) => ({ trustedUris: [origin] }), 'Negotiate'],
      ['nobody off the list', () => ({ trustedUris: ['https://'] }), 'Basic'],
      ['nobody on the other list', (origin) => ({ trustedUris: [origin], blocklistedUris: [origin] }), 'Basic'],
    ])('tokens are for %s', async (_, options, used) => {
      await withServer(
        (request, response) => {
          const { authorization } = request.headers
          if (authorization?.startsWith('Negotiate ') === true) {
            const { token } = acceptToken(Buffer.from(authorization.slice(10), 'base64'), null)
            response.setHeader('WWW-Authenticate', `Negotiate ${token.toString('base64')}`)
          }
          offering(request, response)
        },
        async ({ port }) => {
          const origin = `localhost:${port}`
          using session = makeSession(realm, [AuthNegotiate.withOptions(options(`http://${origin}`)), AuthBasic])
          expect(await get(session, `http://user:password@${origin}/`)).toMatchObject({ body: used })
        },
      )
    })
  })

  describe.skipIf(!hasSquid())('and squid', () => {
    it('gets through it, by a tunnel and without', async () => {
      const { kdc, certificate, tlsDatabase } = realm
      const { keytab, environment } = kdc
      const kerberos = { keytab, environment, service: `HTTP/localhost@${kdc.realm}` }
      const hello: RequestHandler = (request, response) => {
        expect(request.headers['proxy-authorization']).toBeUndefined()
        response.end(`hello ${request.url}`)
      }
      await withSquid({ kerberos }, async (proxy) => {
        const proxyResolver = new SimpleProxyResolver(`http://localhost:${proxy.port}`)
        using session = new Session({ proxyResolver, tlsDatabase })
        session.addFeature(new AuthManager({ schemes: [AuthNegotiate] }))
        await withServer(hello, async ({ port }) => {
          expect(await get(session, `http://localhost:${port}/a`)).toMatchObject({ status: 200, body: 'hello /a' })
          expect(await get(session, `http://localhost:${port}/b`)).toMatchObject({ status: 200, body: 'hello /b' })
        })
        await withTlsServer(hello, { certificate }, async ({ port }) => {
          expect(await get(session, `https://localhost:${port}/c`)).toMatchObject({ status: 200, body: 'hello /c' })
        })
      })
    })
  })

  describe('and a proxy', () => {
    /** One that wants Negotiate for a tunnel, and opens it to nowhere. */
    async function withProxy(
      prove: (token: Buffer) => Buffer | null,
      use: (port: number) => Promise<void>,
    ): Promise<void> {
      const proxy = createServer()
      proxy.on('connect', (request, socket) => {
        const given = request.headers['proxy-authorization']
        socket.on('error', () => undefined)
        if (given === undefined) {
          socket.end(
            'HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
          )
          return
        }
        const proof = prove(Buffer.from(given.slice(10), 'base64'))?.toString('base64')
        const field = proof === undefined ? '' : `Proxy-Authenticate: Negotiate ${proof}\r\n`
        socket.write(`HTTP/1.1 200 OK\r\n${field}\r\n`)
        socket.once('data', (data: Buffer) => {
          socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n${data[0] === 0x16 ? 'TLS..' : 'plain'}`)
        })
      })
      proxy.listen(0, '127.0.0.1')
      await once(proxy, 'listening')
      try {
        await use((proxy.address() as { port: number }).port)
      } finally {
        proxy.closeAllConnections()
        proxy.close()
      }
    }

    const strict = AuthNegotiate.withOptions({ requireMutualAuthentication: true })
    const carried = { domain: 'g-tls-error-quark' } // Which its tunnel to nowhere does badly.
    const refused = { code: 'MUTUAL_AUTHENTICATION_FAILED' }
    it.each<[string, (token: Buffer) => Buffer | null, AuthScheme, object]>([
      ['proves who it is', (token) => acceptToken(token, null).token, strict, carried],
      ['proves nothing, as squid,', () => null, AuthNegotiate, carried],
      ['proves nothing, where that is wanted,', () => null, strict, refused],
      ['gives a wrong proof', () => Buffer.from('noise'), AuthNegotiate, refused],
    ])('that %s gets to carry TLS or not', async (_, prove, scheme, outcome) => {
      await withProxy(prove, async (port) => {
        using session = new Session({ proxyResolver: new SimpleProxyResolver(`http://localhost:${port}`) })
        session.addFeature(new AuthManager({ schemes: [scheme] }))
        const sent = session.sendAndRead(new Message('GET', 'https://elsewhere.test/'))
        await expect(sent).rejects.toMatchObject(outcome)
      })
    })
  })
})
