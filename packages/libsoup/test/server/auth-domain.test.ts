import { createHash } from 'node:crypto'
import {
  AuthDomainBasic,
  AuthDomainDigest,
  type AuthDomainDigestOptions,
  type AuthDomainOptions,
  type Server,
} from '@wpe-networking/libsoup'
import { describe, expect, test } from 'vitest'
import { DigestNonces } from '../../src/server/auth-domain/digest-nonces.ts'
import { exchangeBytes, fetchAnswer, withServer, type Answer } from './server-support.ts'

function hello(server: Server): void {
  server.addHandler('/', (_server, message) => {
    message.setStatus(200)
    message.setResponse('text/plain', `${message.authUser} ${message.authDomain?.realm}`)
  })
}

const basic = (user: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

function basicDomain(options: Partial<AuthDomainOptions> = {}): AuthDomainBasic {
  return new AuthDomainBasic({
    realm: 'the realm',
    paths: ['/'],
    authCallback: (_domain, _message, user, password) => user === 'älice' && password === 'se:crét',
    ...options,
  })
}

describe('an AuthDomainBasic', () => {
  test('lets nobody in but who has the password', async () => {
    await withServer({}, async (server, uri) => {
      server.addAuthDomain(basicDomain())
      hello(server)
      const refused = await fetchAnswer(uri)
      expect([refused.status, refused.headers['www-authenticate']]).toEqual([
        401,
        'Basic realm="the realm", charset="UTF-8"',
      ])
      expect((await fetchAnswer(uri, { headers: basic('älice', 'wrong') })).status).toBe(401)
      expect((await fetchAnswer(uri, { headers: basic('bob', 'se:crét') })).status).toBe(401)
      const { status, body } = await fetchAnswer(uri, { headers: basic('älice', 'se:crét') })
      expect([status, body.toString()]).toEqual([200, 'älice the realm'])
    })
  })

  test.each(['//admin', '/%2fadmin', '/admin//public/a', '//admin/public//a', '/open//admin'])(
    'covers %s, which a file system takes for a path it covers',
    async (path) => {
      await withServer({}, async (server, uri) => {
        const domain = basicDomain({ paths: ['/admin', '/open/admin'] })
        domain.removePath('/admin/public/a')
        server.addAuthDomain(domain)
        hello(server)
        // By hand: what parses URLs may join the slashes.
        const answer = await exchangeBytes(uri, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
        expect(answer).toMatch(path === '//admin/public//a' ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 401 /)
      })
    },
  )

  test.each(['Basic', 'Basic !!', 'Basic YQ==', 'Bearer YTpi', 'Basic YTpi YTpi', ''])(
    'does not understand %j',
    async (authorization) => {
      await withServer({}, async (server, uri) => {
        server.addAuthDomain(new AuthDomainBasic({ realm: 'r', paths: ['/'], authCallback: () => true }))
        hello(server)
        expect((await fetchAnswer(uri, { headers: { authorization } })).status).toBe(401)
      })
    },
  )

  test('covers the paths it was given, as handlers see them, and no others', async () => {
    await withServer({}, async (server, uri) => {
      const domain = basicDomain({ paths: ['/private'], filter: (_domain, message) => message.method !== 'OPTIONS' })
      domain.removePath('/private/not')
      server.addAuthDomain(domain)
      hello(server)
      const status = async (path: string, method = 'GET'): Promise<number> =>
        (await fetchAnswer(`${uri}${path}`, { method })).status
      expect(await status('public')).toBe(200)
      for (const path of ['private', 'private/a', '%70rivate', 'public/../private', 'private%2Fa', 'private?a']) {
        expect([path, await status(path)]).toEqual([path, 401])
      }
      expect(await status('private/not/here')).toBe(200)
      expect(await status('private', 'OPTIONS')).toBe(200)
      server.removeAuthDomain(domain)
      expect(await status('private')).toBe(200)
    })
  })

  test('asks as a proxy where it is one', async () => {
    await withServer({}, async (server, uri) => {
      server.addAuthDomain(basicDomain({ proxy: true, paths: [] }))
      hello(server)
      const refused = await fetchAnswer(uri)
      expect([refused.status, refused.headers['proxy-authenticate']]).toEqual([407, expect.stringContaining('Basic')])
      const { authorization = '' } = basic('älice', 'se:crét')
      expect((await fetchAnswer(uri, { headers: { authorization } })).status).toBe(407)
      expect((await fetchAnswer(uri, { headers: { 'proxy-authorization': authorization } })).status).toBe(200)
    })
  })

  test('is refused before the body is asked for, and before any handler', async () => {
    await withServer({}, async (server, uri) => {
      server.addAuthDomain(basicDomain())
      let calls = 0
      server.addEarlyHandler('/', () => void calls++)
      const answer = await fetchAnswer(uri, { method: 'PUT', headers: { expect: '100-continue' } })
      expect([answer.status, answer.headers.connection, calls]).toEqual([401, 'close', 0])
    })
  })

  test('leaves the decision to the generic callback, which has checkPassword', async () => {
    await withServer({}, async (server, uri) => {
      const genericAuthCallback: AuthDomainOptions['genericAuthCallback'] = async (domain, message, user) => {
        await new Promise(setImmediate)
        return domain.checkPassword(message, user, `${user}'s password`)
      }
      server.addAuthDomain(new AuthDomainBasic({ realm: 'r', paths: [''], genericAuthCallback }))
      hello(server)
      expect((await fetchAnswer(uri, { headers: basic('bob', "bob's password") })).status).toBe(200)
      expect((await fetchAnswer(uri, { headers: basic('bob', "eve's password") })).status).toBe(401)
    })
  })

  test('that throws is a 500, and lets nobody in', async () => {
    await withServer({}, async (server, uri) => {
      server.addAuthDomain(
        basicDomain({
          filter: () => {
            throw new Error('broken on purpose')
          },
        }),
      )
      hello(server)
      server.on('request-aborted', () => {})
      expect((await fetchAnswer(uri)).status).toBe(500)
    })
  })
})

/** The client's side of RFC 7616, written anew. */
function credentials(
  answer: Answer,
  { uri = '/', nc = 1, password = 'secret', algorithm = 'SHA-256', method = 'GET', override = {} } = {},
): Record<string, string> {
  const challenge = String(answer.headers['www-authenticate'])
  const hash = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex')
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1]
  const count = nc.toString(16).padStart(8, '0')
  const proof = `${hash(`bob:the realm:${password}`)}:${nonce}:${count}:abc:auth:${hash(`${method}:${uri}`)}`
  const fields = { username: 'bob', realm: 'the realm', nonce, uri, cnonce: 'abc', response: hash(proof), ...override }
  const text = Object.entries(fields).map(([name, value]) => `${name}="${value}"`)
  return { authorization: `Digest ${text.join(', ')}, qop=auth, nc=${count}, algorithm=${algorithm}` }
}

describe('an AuthDomainDigest', () => {
  async function withDomain(
    options: Partial<AuthDomainDigestOptions>,
    use: (uri: string, advance: (ms: number) => void) => Promise<void>,
  ): Promise<void> {
    let now = 1_000_000
    const domain = new AuthDomainDigest(
      {
        realm: 'the realm',
        paths: ['/'],
        authCallback: (_domain, _message, user, algorithm) =>
          user === 'bob' ? AuthDomainDigest.encodePassword(user, 'the realm', 'secret', algorithm) : null,
        ...options,
      },
      () => now,
    )
    await withServer({}, async (server, uri) => {
      server.addAuthDomain(domain)
      hello(server)
      await use(uri, (ms) => (now += ms))
    })
  }

  test.each(['SHA-256', 'MD5'])('lets in who proves to have the password by %s', async (algorithm) => {
    await withDomain({}, async (uri) => {
      const refused = await fetchAnswer(uri)
      expect(refused.status).toBe(401)
      expect(refused.headers['www-authenticate']).toMatch(
        /^Digest realm="the realm", nonce="[\w-]+", qop="auth", algorithm=SHA-256, charset=UTF-8, Digest .*algorithm=MD5/,
      )
      const good = await fetchAnswer(uri, { headers: credentials(refused, { algorithm }) })
      expect([good.status, good.body.toString()]).toEqual([200, 'bob the realm'])
      const wrong = await fetchAnswer(uri, { headers: credentials(refused, { algorithm, nc: 2, password: 'no' }) })
      expect([wrong.status, String(wrong.headers['www-authenticate'])]).toEqual([
        401,
        expect.not.stringMatching('stale'),
      ])
    })
  })

  test.each([
    ['another path', { uri: '/other' }],
    ['another method', { method: 'POST' }],
    ['another realm', { override: { realm: 'x' } }],
    ['a nonce that was made up', { override: { nonce: 'abcdef' } }],
    ['no cnonce', { override: { cnonce: '' } }],
    ['an unknown user', { override: { username: 'eve' } }],
    ['a count of 0', { nc: 0 }],
  ])('does not take credentials for %s', async (_what, change) => {
    await withDomain({}, async (uri) => {
      const refused = await fetchAnswer(uri)
      expect((await fetchAnswer(uri, { headers: credentials(refused, change) })).status).toBe(401)
    })
  })

  test('takes no credentials twice, and those of one nonce in any order', async () => {
    await withDomain({}, async (uri) => {
      const refused = await fetchAnswer(uri)
      const use = async (nc: number): Promise<Answer> => fetchAnswer(uri, { headers: credentials(refused, { nc }) })
      for (const nc of [1, 3, 2]) expect((await use(nc)).status).toBe(200)
      for (const nc of [1, 2, 3]) {
        const replayed = await use(nc)
        expect([replayed.status, replayed.headers['www-authenticate']]).toEqual([
          401,
          expect.stringContaining('stale=true'),
        ])
      }
      expect((await use(4)).status).toBe(200)
    })
  })

  test('says that a nonce is stale when its time is over', async () => {
    await withDomain({ nonceLifetime: 10 }, async (uri, advance) => {
      const refused = await fetchAnswer(uri)
      advance(10_000)
      expect((await fetchAnswer(uri, { headers: credentials(refused) })).status).toBe(200)
      advance(1)
      const stale = await fetchAnswer(uri, { headers: credentials(refused, { nc: 2 }) })
      expect([stale.status, stale.headers['www-authenticate']]).toEqual([401, expect.stringContaining('stale=true')])
      expect((await fetchAnswer(uri, { headers: credentials(stale) })).status).toBe(200)
    })
  })

  test('checks a password for the generic callback', async () => {
    await withDomain(
      {
        authCallback: null,
        genericAuthCallback: (domain, message, user) => domain.checkPassword(message, user, 'secret'),
      },
      async (uri) => {
        const refused = await fetchAnswer(uri)
        expect((await fetchAnswer(uri, { headers: credentials(refused) })).status).toBe(200)
        expect((await fetchAnswer(uri, { headers: credentials(refused, { nc: 2, password: 'x' }) })).status).toBe(401)
      },
    )
  })

  test('stands beside a domain of another scheme', async () => {
    await withServer({}, async (server, uri) => {
      server.addAuthDomain(new AuthDomainDigest({ realm: 'd', paths: ['/'], algorithms: ['MD5'] }))
      server.addAuthDomain(basicDomain())
      hello(server)
      expect((await fetchAnswer(uri)).headers['www-authenticate']).toMatch(/^Digest .*, Basic /)
      expect((await fetchAnswer(uri, { headers: basic('älice', 'se:crét') })).status).toBe(200)
    })
  })
})

describe('DigestNonces', () => {
  test('know their own, and each use of them', () => {
    let now = 5000
    const nonces = new DigestNonces(1000, () => now)
    const nonce = nonces.issue()
    expect(nonces.check(nonce, 1)).toBe('fresh')
    expect(nonces.check(`${nonce.slice(0, -2)}xx`, 1)).toBe('invalid')
    expect(nonces.check(`${nonce}=`, 1)).toBe('invalid')
    expect(new DigestNonces(1000, () => now).check(nonce, 1)).toBe('invalid')
    nonces.use(nonce, 100)
    expect([100, 99, 37, 36, 101].map((count) => nonces.check(nonce, count))).toEqual([
      ...['stale', 'fresh', 'fresh', 'stale', 'fresh'],
    ])
    nonces.use(nonce, 99)
    nonces.use(nonce, 200)
    expect([99, 199, 136].map((count) => nonces.check(nonce, count))).toEqual(['stale', 'fresh', 'stale'])
    now += 1001
    expect(nonces.check(nonce, 300)).toBe('stale')
  })

  test('are bounded, and one that was forgotten is not good again', () => {
    let now = 0
    const nonces = new DigestNonces(1e9, () => now)
    const first = nonces.issue()
    nonces.use(first, 1)
    for (let i = 0; i < 10_000; i++) {
      now++
      nonces.use(nonces.issue(), 1)
    }
    expect(nonces.check(first, 1)).toBe('stale')
  })
})
