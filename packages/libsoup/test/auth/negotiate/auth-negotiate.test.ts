// Negotiate with a real KDC, apache's mod_auth_gssapi, and servers that do not keep to it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CertificateAuthority, hasApache, startKdc, withHttp2Server } from '@wpe-networking/test-support'
import { gssHandles } from '../../../src/auth/negotiate/gss-context.ts'
import { AuthBasic, AuthNegotiate, Message, type Session } from '../../../src/index.ts'
import { acceptToken } from './gss-acceptor.ts'
import {
  failuresDuring,
  get,
  hasKerberos,
  makeSession,
  startRealm,
  withGssapiApache,
  withNegotiateServer,
  type Realm,
} from './negotiate-support.ts'

describe.skipIf(!hasKerberos() || !hasApache())('Negotiate', () => {
  let realm: Realm
  let session: Session

  beforeAll(async () => {
    realm = await startRealm()
  })

  beforeEach(async () => {
    await realm.login()
    session = makeSession(realm)
  })

  afterEach(() => {
    session.abort()
    expect(gssHandles()).toEqual({ names: 0, contexts: 0 })
  })

  afterAll(async () => await realm.close())

  describe('with apache', () => {
    it('gets in with a ticket, whose use the server proves to understand', async () => {
      await withGssapiApache(realm, [], async (origin) => {
        expect(await get(session, `${origin}/`)).toEqual({ status: 200, body: 'hello', restarts: 1 })
      })
    })

    it('learns that the server wants a token for each request', async () => {
      await withGssapiApache(realm, [], async (origin) => {
        const restarts: number[] = []
        for (let count = 0; count < 4; count++) restarts.push((await get(session, `${origin}/`)).restarts)
        expect(restarts).toEqual([1, 1, 0, 0])
      })
    })

    it('says no more on a connection that is authenticated for good', async () => {
      await withGssapiApache(realm, ['GssapiConnectionBound On'], async (origin) => {
        const restarts: number[] = []
        for (let count = 0; count < 3; count++) restarts.push((await get(session, `${origin}/`)).restarts)
        expect(restarts).toEqual([1, 0, 0])
      })
    })

    it('authenticates many messages at once', async () => {
      await withGssapiApache(realm, [], async (origin) => {
        const answers = await Promise.all(Array.from({ length: 12 }, () => get(session, `${origin}/`)))
        expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200))
      })
    })

    it('leaves it to the next scheme without a ticket', async () => {
      realm.setEnvironment({ KRB5CCNAME: 'FILE:/nonexistent/ccache' })
      await withGssapiApache(realm, ['GssapiBasicAuth On'], async (origin) => {
        const both = makeSession(realm, [AuthNegotiate, AuthBasic])
        const message = new Message('GET', `${origin}/`)
        message.on('authenticate', (auth) => {
          expect(auth.schemeName).toBe('Basic')
          auth.authenticate('alice', 'secret7')
          return true
        })
        const failures = await failuresDuring(async () => {
          expect((await both.sendAndRead(message)).toString()).toBe('hello')
        })
        expect(failures).toEqual([expect.stringMatching(/^GSSAPI_FAILED: .*(No credentials|No Kerberos)/)])
        both.abort()
      })
    })

    it('gets the refusal without a ticket and without another scheme, and asks nobody for a password', async () => {
      realm.setEnvironment({ KRB5CCNAME: 'FILE:/nonexistent/ccache' })
      await withGssapiApache(realm, [], async (origin) => {
        expect((await get(session, `${origin}/`)).status).toBe(401)
      })
    })

    it('is refused with a ticket of another realm, whose HTTP/localhost has another key', async () => {
      const other = await startKdc({ realm: 'OTHER.REALM', users: { alice: 'secret7' }, services: ['HTTP/localhost'] })
      try {
        realm.setEnvironment({ ...other.environment, KRB5CCNAME: await other.kinit('alice', 'secret7') })
        await withGssapiApache(realm, [], async (origin) => {
          const failures = await failuresDuring(async () => {
            expect((await get(session, `${origin}/`)).status).toBe(401)
          })
          expect(failures).toEqual([expect.stringMatching(/^GSSAPI_FAILED: .*The ticket isn't for us\.$/)])
        })
      } finally {
        await other.close()
      }
    })
  })

  describe('with a server that does not prove that it has the key', () => {
    it.each<[string, (token: Buffer) => { token?: string }]>([
      ['sends no token', () => ({})],
      ['sends noise', () => ({ token: Buffer.from('noise').toString('base64') })],
      ['sends the token of the client back', (token) => ({ token: token.toString('base64') })],
      ['sends what is no token at all', () => ({ token: 'a="b"' })],
    ])('fails when it %s', async (_, forge) => {
      await withNegotiateServer(
        realm,
        (token) => ({ status: 200, ...forge(token) }),
        async (origin) => {
          await expect(get(session, `${origin}/`)).rejects.toMatchObject({
            domain: 'soup-auth-error-quark',
            code: 'MUTUAL_AUTHENTICATION_FAILED',
          })
        },
      )
    })

    it('fails when it sends what the real server answered to another token', async () => {
      const answers: string[] = []
      await withNegotiateServer(
        realm,
        (token) => {
          answers.push(acceptToken(token, null).token.toString('base64'))
          return { status: 200, token: answers[0] ?? '' }
        },
        async (origin) => {
          expect(await get(session, `${origin}/`)).toMatchObject({ status: 200 })
          const second = get(makeSession(realm), `${origin}/`)
          await expect(second).rejects.toMatchObject({ code: 'MUTUAL_AUTHENTICATION_FAILED' })
          expect(answers.length).toBe(2)
        },
      )
    })

    it('does not follow its redirect', async () => {
      const paths: string[] = []
      const answer = (_: Buffer, path: string): { status: number; location: string } => {
        paths.push(path)
        return { status: 302, location: '/elsewhere' }
      }
      await withNegotiateServer(realm, answer, async (origin) => {
        await expect(get(session, `${origin}/`)).rejects.toMatchObject({ code: 'MUTUAL_AUTHENTICATION_FAILED' })
        expect(paths).toEqual(['/'])
      })
    })

    it('delivers its errors, which may be those of a gateway', async () => {
      await withNegotiateServer(
        realm,
        () => ({ status: 502 }),
        async (origin) => expect(await get(session, `${origin}/`)).toMatchObject({ status: 502, body: 'welcome' }),
      )
    })

    it('takes no proof for an answer if told so, but no wrong proof', async () => {
      const lenient = [AuthNegotiate.withOptions({ requireMutualAuthentication: false })]
      const taking = makeSession(realm, lenient)
      await withNegotiateServer(
        realm,
        (_, path) => ({ status: 200, ...(path === '/wrong' && { token: 'bm9pc2U=' }) }),
        async (origin) => {
          expect(await get(taking, `${origin}/`)).toMatchObject({ status: 200, body: 'welcome' })
          await expect(get(makeSession(realm, lenient), `${origin}/wrong`)).rejects.toMatchObject({
            code: 'MUTUAL_AUTHENTICATION_FAILED',
          })
        },
      )
    })
  })

  describe('with a server that looks closely', () => {
    it('names the TLS connection, so that a man in the middle cannot pass the token on', async () => {
      const { certificatePem } = realm.certificate
      const bound: number[] = []
      await withNegotiateServer(
        realm,
        (token) => {
          const { token: reply, error } = acceptToken(token, certificatePem)
          bound.push(error)
          return error === 0 ? { status: 200, token: reply.toString('base64') } : { status: 403 }
        },
        async (origin) => expect(await get(session, `${origin}/`)).toMatchObject({ status: 200 }),
      )
      const stranger = await CertificateAuthority.selfSigned()
      await withNegotiateServer(
        realm,
        (token) => {
          bound.push(acceptToken(token, stranger.certificatePem).error)
          return { status: 403 }
        },
        async (origin) => expect(await get(session, `${origin}/`)).toMatchObject({ status: 403 }),
      )
      expect(bound).toEqual([0, 4]) // GSS_S_BAD_BINDINGS
    })

    it('authenticates the streams of an HTTP/2 connection one by one', async () => {
      await withHttp2Server(
        (request, response) => {
          const given = request.headers.authorization
          if (given === undefined) response.writeHead(401, { 'WWW-Authenticate': 'Negotiate' })
          else {
            const { token } = acceptToken(Buffer.from(given.slice(10), 'base64'), realm.certificate.certificatePem)
            response.setHeader('WWW-Authenticate', `Negotiate ${token.toString('base64')}`)
          }
          response.end(request.url)
        },
        realm,
        async ({ port }) => {
          const paths = ['/1', '/2', '/3', '/4', '/5']
          const all = paths.map((path) => get(session, `https://localhost:${port}${path}`))
          expect((await Promise.all(all)).map(({ status, body }) => `${status} ${body}`)).toEqual(
            paths.map((path) => `200 ${path}`),
          )
        },
      )
    })

    it.each([
      [false, 0],
      [true, 1],
    ])('delegates only if told so: %s', async (delegate, expected) => {
      const delegated: number[] = []
      await withNegotiateServer(
        realm,
        (token) => {
          const { token: reply, flags } = acceptToken(token, null)
          delegated.push(flags & 1)
          return { status: 200, token: reply.toString('base64') }
        },
        async (origin) => {
          const scheme = delegate ? AuthNegotiate.withOptions({ delegate }) : AuthNegotiate
          expect(await get(makeSession(realm, [scheme]), `${origin}/`)).toMatchObject({ status: 200 })
          expect(delegated).toEqual([expected])
        },
      )
    })
  })
})
