// NTLM with a server that checks everything, and is shown to be right by curl in test-support.
import { connect } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SimpleProxyResolver, TlsCertificate, TlsDatabase } from '@wpe-networking/glib-gio'
import {
  CertificateAuthority,
  startNtlmServer,
  startRawTlsServer,
  withNtlmServer,
  withHttp2Server,
  withServer,
  type IssuedCertificate,
  type ListeningServer,
  type NtlmRequestHandler,
  type NtlmServerOptions,
} from '@wpe-networking/test-support'
import { ntHash } from '../../../src/auth/ntlm/ntlm-v2.ts'
import { AuthManager, AuthNTLM, HTTPVersion, Message, MessageFlags, Session, type Auth } from '../../../src/index.ts'
import type { SessionOptions } from '../../../src/index.ts'

const policy: NtlmServerOptions = {
  users: [
    { user: 'alice', ntHash: ntHash('Pässwörd') },
    { user: 'bob', domain: 'WORK', ntHash: ntHash('secret') },
    { user: 'carol@example.com', ntHash: ntHash('secret') },
  ],
}
const greet: NtlmRequestHandler = (request, response, user) => void response.end(`${user} at ${request.url}`)

let authority: CertificateAuthority
let certificate: IssuedCertificate
let tlsDatabase: TlsDatabase
const sessions: Session[] = []

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  certificate = await authority.issue()
  tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
})

afterEach(() => {
  for (const session of sessions.splice(0)) session.abort()
})

function makeSession(options: SessionOptions = {}): Session {
  const session = new Session({ proxyResolver: null, tlsDatabase, ...options })
  session.addFeature(new AuthManager({ schemes: [AuthNTLM] }))
  sessions.push(session)
  return session
}

/** Sends a GET; `ask` answers the question for credentials. */
async function get(
  session: Session,
  uri: string,
  ask: ((auth: Auth, retrying: boolean) => void) | null = null,
  flags: MessageFlags = MessageFlags.NONE,
): Promise<{ status: number; body: string; message: Message }> {
  const message = new Message('GET', uri)
  message.addFlags(flags)
  if (ask !== null) {
    message.on('authenticate', (auth, retrying) => {
      ask(auth, retrying)
      return true
    })
  }
  const body = (await session.sendAndRead(message)).toString()
  return { status: message.statusCode, body, message }
}

const asAlice = (auth: Auth): void => auth.authenticate('alice', 'Pässwörd')

/** Ends the client's TLS and passes on what it says, over TLS of its own, one connection for one. */
async function startMiddle(own: IssuedCertificate, targetPort: number): Promise<ListeningServer> {
  return await startRawTlsServer(
    (client) => {
      const target = connect({ port: targetPort, host: '127.0.0.1', rejectUnauthorized: false })
      target.on('error', () => client.destroy())
      client.on('close', () => target.destroy())
      client.pipe(target).pipe(client)
    },
    { certificate: own },
  )
}

describe('NTLM', () => {
  it('authenticates a connection once, with a sealed exchange, and says nothing on it any more', async () => {
    await withNtlmServer(greet, policy, async (server) => {
      const session = makeSession()
      expect(await get(session, `${server.origin}/a`, asAlice)).toMatchObject({ status: 200, body: 'alice at /a' })
      expect(await get(session, `${server.origin}/b`)).toMatchObject({ status: 200, body: 'alice at /b' })
      expect(server.log).toEqual(['1 request', '1 type 1', '1 type 3', '1 request'])
      expect(server.refusals).toEqual([])
    })
  })

  it.each([
    ['WORK\\bob', 'bob'],
    ['WORK/bob', 'bob'],
    ['carol@example.com', 'carol@example.com'],
  ])('takes %s for a name', async (name, user) => {
    await withNtlmServer(greet, policy, async (server) => {
      const answer = await get(makeSession(), `${server.origin}/`, (auth) => auth.authenticate(name, 'secret'))
      expect(answer.body).toBe(`${user} at /`)
    })
  })

  it('takes credentials from the URI and sends bodies again', async () => {
    await withNtlmServer(
      (request, response, user) => void response.end(`${user} ${request.method}`),
      policy,
      async (server) => {
        const message = new Message('POST', server.origin.replace('//', '//WORK%5Cbob:secret@'))
        message.setRequestBodyFromBytes('text/plain', Buffer.from('body'))
        expect((await makeSession().sendAndRead(message)).toString()).toBe('bob POST')
      },
    )
  })

  it('asks again after a wrong password, telling so, and shows the name of the domain', async () => {
    await withNtlmServer(greet, policy, async (server) => {
      const asked: [string | null, boolean][] = []
      const answer = await get(makeSession(), `${server.origin}/`, (auth, retrying) => {
        asked.push([auth.realm, retrying])
        if (retrying) asAlice(auth)
        else auth.authenticate('alice', 'wrong')
      })
      expect(answer.body).toBe('alice at /')
      expect(asked).toEqual([
        [null, false],
        ['TESTDOMAIN', true],
      ])
      expect(server.refusals).toEqual(['wrong password'])
    })
  })

  it('delivers the refusal when nobody has other credentials', async () => {
    await withNtlmServer(greet, policy, async (server) => {
      const answer = await get(makeSession(), `${server.origin}/`, (auth, retrying) => {
        if (retrying) auth.cancel()
        else auth.authenticate('alice', 'wrong')
      })
      expect(answer).toMatchObject({ status: 401, body: 'no' })
    })
  })

  it('does not ask, nor try again, when a server that took the credentials refuses a resource', async () => {
    const handler: NtlmRequestHandler = (request, response) => {
      if (request.url === '/forbidden') response.writeHead(401, { 'WWW-Authenticate': 'NTLM' })
      response.end(request.url)
    }
    await withNtlmServer(handler, policy, async (server) => {
      const session = makeSession()
      await get(session, `${server.origin}/`, asAlice)
      const asked: boolean[] = []
      const refused = await get(session, `${server.origin}/forbidden`, (_, retrying) => void asked.push(retrying))
      expect(refused).toMatchObject({ status: 401, body: '/forbidden' })
      expect(asked).toEqual([])
      expect(server.log.slice(3)).toEqual(['1 request', '1 type 1', '1 type 3'])
      expect(await get(session, `${server.origin}/`)).toMatchObject({ status: 200 })
    })
  })

  it('authenticates several connections at once, each for itself', async () => {
    let release = (): void => undefined
    const all = new Promise<void>((resolve) => (release = resolve))
    let inside = 0
    const handler: NtlmRequestHandler = async (request, response, user) => {
      inside += 1
      if (inside === 4) release()
      await all
      response.end(`${user} at ${request.url}`)
    }
    await withNtlmServer(handler, policy, async (server) => {
      const session = makeSession({ maxConnsPerHost: 4 })
      const answers = await Promise.all(
        ['/1', '/2', '/3', '/4'].map((path) => get(session, server.origin + path, asAlice)),
      )
      expect(answers.map(({ body }) => body)).toEqual(['/1', '/2', '/3', '/4'].map((path) => `alice at ${path}`))
      expect(server.connectionCount).toBe(4)
      expect(server.refusals).toEqual([])
      expect(server.log.filter((line) => line.endsWith('type 3')).sort()).toEqual(
        [1, 2, 3, 4].map((connection) => `${connection} type 3`),
      )
    })
  })

  it('keeps messages of other credentials, and of none, off a connection that is authenticated', async () => {
    await withNtlmServer(greet, policy, async (server) => {
      const session = makeSession()
      await get(session, `${server.origin}/`, asAlice)
      const other = await get(
        session,
        `${server.origin}/`,
        (auth) => auth.authenticate('WORK\\bob', 'secret'),
        MessageFlags.DO_NOT_USE_AUTH_CACHE,
      )
      expect(other.body).toBe('bob at /')
      const anonymous = await get(session, `${server.origin}/`, null, MessageFlags.DO_NOT_USE_AUTH_CACHE)
      expect(anonymous.status).toBe(401)
      expect((await get(session, `${server.origin}/`)).body).toBe('alice at /')
      const asBob = server.origin.replace('//', '//WORK%5Cbob:secret@')
      expect((await get(session, `${asBob}/`)).body).toBe('bob at /')
      expect(server.refusals).toEqual([])
    })
  })

  it('needs no challenge where it is known to be wanted', async () => {
    await withNtlmServer(greet, policy, async (server) => {
      const session = makeSession()
      const auth = new AuthNTLM({ authority: `127.0.0.1:${server.port}`, isForProxy: false })
      asAlice(auth)
      session.getFeature(AuthManager)?.useAuth(server.origin, auth)
      expect((await get(session, `${server.origin}/`)).body).toBe('alice at /')
      expect(server.log).toEqual(['1 type 1', '1 type 3'])
    })
  })

  it('starts over where the connection breaks under the proof, which proves nothing then', async () => {
    const seen: string[] = []
    const handler: NtlmRequestHandler = (request, response, user) => {
      if (seen.push(user) === 1) request.socket.resetAndDestroy()
      else response.end(user)
    }
    await withNtlmServer(handler, policy, async (server) => {
      expect(await get(makeSession(), `${server.origin}/`, asAlice)).toMatchObject({ status: 200, body: 'alice' })
      expect(server.log).toEqual(['1 request', '1 type 1', '1 type 3', '2 type 1', '2 type 3'])
    })
  })

  it('starts anew on a new connection', async () => {
    await withNtlmServer(greet, policy, async (server) => {
      const session = makeSession()
      await get(session, `${server.origin}/`, asAlice)
      session.abort()
      expect((await get(session, `${server.origin}/`)).body).toBe('alice at /')
      expect(server.log.slice(3)).toEqual(['2 type 1', '2 type 3'])
    })
  })

  it('follows a redirect in answer to its credentials without another exchange', async () => {
    const handler: NtlmRequestHandler = (request, response) => {
      if (request.url === '/from') response.writeHead(302, { Location: '/to' })
      response.end(request.url)
    }
    await withNtlmServer(handler, policy, async (server) => {
      expect((await get(makeSession(), `${server.origin}/from`, asAlice)).body).toBe('/to')
      expect(server.log).toEqual(['1 request', '1 type 1', '1 type 3', '1 request'])
    })
  })

  it('does not send anything to a server that answers the offer with nonsense', async () => {
    const offers: (string | undefined)[] = []
    await withServer(
      (request, response) => {
        offers.push(request.headers.authorization)
        const challenge = offers.length === 1 ? 'NTLM' : `NTLM ${Buffer.from('NTLMSSP\0nonsense').toString('base64')}`
        response.writeHead(401, { 'WWW-Authenticate': challenge }).end('no')
      },
      async ({ origin }) => {
        expect(await get(makeSession(), `${origin}/`, asAlice)).toMatchObject({ status: 401, body: 'no' })
        expect(offers).toEqual([undefined, expect.stringMatching(/^NTLM TlRMTVNTUAAB/)])
      },
    )
  })

  it('goes over HTTP/1 where the server would also speak HTTP/2', async () => {
    const offers: (string | undefined)[] = []
    await withHttp2Server(
      (request, response) => {
        if (request.httpVersionMajor === 1) {
          response.end('over HTTP/1')
          return
        }
        offers.push(request.headers.authorization)
        response.writeHead(401, { 'WWW-Authenticate': 'NTLM' }).end('no')
      },
      { certificate, allowHttp1: true },
      async ({ port }) => {
        const session = makeSession()
        for (const path of ['/a', '/b']) {
          const { message, body } = await get(session, `https://localhost:${port}${path}`, asAlice)
          expect(body).toBe('over HTTP/1')
          expect(message.httpVersion).toBe(HTTPVersion.HTTP_1_1)
        }
        expect(offers).toEqual([undefined])
      },
    )
  })
})

describe('NTLM over TLS', () => {
  it('names the TLS connection', async () => {
    await withNtlmServer(greet, { ...policy, certificate, requireChannelBindings: true }, async (server) => {
      const answer = await get(makeSession(), `https://localhost:${server.port}/`, asAlice)
      expect(answer).toMatchObject({ status: 200, body: 'alice at /' })
      expect(server.refusals).toEqual([])
    })
  })

  it('is of no use to a man in the middle, whose certificate is another', async () => {
    await withNtlmServer(greet, { ...policy, certificate }, async (server) => {
      const middle = await startMiddle(await authority.issue(), server.port)
      try {
        const answer = await get(makeSession(), `https://localhost:${middle.port}/`, (auth, retrying) =>
          retrying ? auth.cancel() : asAlice(auth),
        )
        expect(answer.status).toBe(401)
        expect(server.refusals).toEqual(['channel bindings of another connection'])
      } finally {
        await middle.close()
      }
    })
  })
})

describe('NTLM with a proxy', () => {
  const asBob = (auth: Auth): void => auth.authenticate('WORK\\bob', 'secret')
  const asEach = (auth: Auth): void => (auth.isForProxy ? asBob(auth) : asAlice(auth))

  it('authenticates the connection to it', async () => {
    await withNtlmServer(greet, { ...policy, proxy: true }, async (proxy) => {
      const session = makeSession({ proxyResolver: new SimpleProxyResolver(proxy.origin) })
      expect(await get(session, 'http://elsewhere.test/a', asBob)).toMatchObject({ status: 200 })
      expect((await get(session, 'http://elsewhere.test/b')).body).toBe('bob at http://elsewhere.test/b')
      expect(proxy.log).toEqual(['1 request', '1 type 1', '1 type 3', '1 request'])
    })
  })

  it('authenticates a tunnel, and the server behind it by other credentials', async () => {
    const origin = await startNtlmServer(greet, { ...policy, certificate })
    try {
      await withNtlmServer(greet, { ...policy, proxy: true }, async (proxy) => {
        const session = makeSession({ proxyResolver: new SimpleProxyResolver(proxy.origin) })
        const uri = `https://localhost:${origin.port}`
        expect(await get(session, `${uri}/a`, asEach)).toMatchObject({ status: 200, body: 'alice at /a' })
        expect((await get(session, `${uri}/b`)).body).toBe('alice at /b')
        expect(proxy.log).toEqual(['1 request', '1 type 1', '1 type 3'])
        expect(origin.log).toEqual(['1 request', '1 type 1', '1 type 3', '1 request'])
        expect([...proxy.refusals, ...origin.refusals]).toEqual([])
      })
    } finally {
      await origin.close()
    }
  })

  it('delivers no page of a proxy that refuses a tunnel', async () => {
    await withNtlmServer(greet, { ...policy, proxy: true }, async (proxy) => {
      const session = makeSession({ proxyResolver: new SimpleProxyResolver(proxy.origin) })
      const attempt = get(session, `https://localhost:1/`, (auth, retrying) => {
        if (retrying) auth.cancel()
        else auth.authenticate('alice', 'wrong')
      })
      await expect(attempt).rejects.toMatchObject({ code: 'PROXY_AUTH_FAILED' })
      expect(proxy.refusals).toEqual(['wrong password'])
    })
  })
})
