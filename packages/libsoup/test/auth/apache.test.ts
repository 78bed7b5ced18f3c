// Basic and Digest with a server as people run it: apache2 with mod_auth_basic and mod_auth_digest.

import { createHash } from 'node:crypto'
import { hasApache, startApache } from '@wpe-networking/test-support'
import type { ProxyProcess } from '@wpe-networking/test-support'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseAuthParams, parseCredentials } from '../../src/auth/challenge.ts'
import { AuthManager, Message, Session } from '../../src/index.ts'
import type { Auth } from '../../src/index.ts'

/** As htpasswd -s and htdigest write them. */
function passwords(realm: string): Record<string, string> {
  const sha = (text: string): string => createHash('sha1').update(text).digest('base64')
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
  return {
    'basic.users': `alice:{SHA}${sha('s:e c r e t')}\nj\u00f6rg:{SHA}${sha('gr\u00fc\u00df')}\n`,
    'digest.users': `alice:${realm}:${md5(`alice:${realm}:s:e c r e t`)}\nj\u00f6rg:${realm}:${md5(`j\u00f6rg:${realm}:gr\u00fc\u00df`)}\n`, // prettier-ignore
  }
}

// No quotes: apache looks for them escaped in its file, which nobody's htdigest writes.
const REALM = 'A realm, with a comma = nonce'

describe.skipIf(!hasApache())('apache2', () => {
  let apache: ProxyProcess
  let session: Session
  let asked: string[]

  beforeAll(async () => {
    apache = await startApache({
      modules: ['authn_file', 'authz_user', 'auth_basic', 'auth_digest'],
      files: passwords(REALM),
      directives: (directory) => {
        const digest = (path: string, ...more: string[]): string[] => [
          `<Location ${path}>`,
          'AuthType Digest',
          `AuthName "${REALM}"`,
          'AuthDigestProvider file',
          `AuthUserFile ${directory}/digest.users`,
          'Require valid-user',
          ...more,
          '</Location>',
        ]
        return [
          '<Location /basic>',
          'AuthType Basic',
          `AuthName "${REALM}"`,
          'AuthBasicProvider file',
          `AuthUserFile ${directory}/basic.users`,
          'Require valid-user',
          '</Location>',
          ...digest('/digest', 'AuthDigestDomain /digest /elsewhere'),
          ...digest('/once', 'AuthDigestNonceLifetime 0'),
        ]
      },
    })
  }, 60_000)
  afterAll(async () => await apache.close())

  beforeEach(() => {
    session = new Session({ proxyResolver: null })
    session.addFeature(new AuthManager())
    asked = []
  })
  afterEach(() => session.close())

  async function get(path: string, user = 'alice', password = 's:e c r e t', method = 'GET'): Promise<Message> {
    const message = new Message(method, `http://127.0.0.1:${apache.port}${path}`)
    message.on('authenticate', (auth: Auth, retrying: boolean) => {
      asked.push(`${auth.schemeName} ${auth.realm} ${retrying}`)
      if (asked.length > 2) return false
      auth.authenticate(user, asked.length === 1 && user === 'mallory' ? 'guess' : password)
      return true
    })
    const body = await session.sendAndRead(message)
    if (message.statusCode === 200 && method === 'GET') expect(body.toString()).toBe('hello')
    return message
  }

  it.each(['/basic/a', '/digest/a', '/once/a'])('lets us in, and again, at %s', async (path) => {
    for (const query of ['', '?x=1&y="%20"', '/deeper?']) expect((await get(path + query)).statusCode).toBe(200)
    expect((await get(path, 'alice', '', 'HEAD')).statusCode).toBe(200)
    const name = path.startsWith('/basic') ? 'Basic' : 'Digest'
    expect(asked).toEqual([`${name} ${REALM} false`])
  })

  it.each(['/basic/a', '/digest/a'])(
    'understands names and passwords that ASCII does not have, at %s',
    async (path) => {
      // It never says which encoding it takes: its file is in UTF-8, so that the Latin-1 of Basic does not do.
      const latin1 = (text: string): string => Buffer.from(text).toString('latin1')
      const isBasic = path.startsWith('/basic')
      const message = isBasic
        ? await get(path, latin1('j\u00f6rg'), latin1('gr\u00fc\u00df'))
        : await get(path, 'j\u00f6rg', 'gr\u00fc\u00df')
      expect(message.statusCode).toBe(200)
    },
  )

  it.each(['/basic/a', '/digest/a'])('keeps strangers out, at %s', async (path) => {
    expect((await get(path, 'mallory')).statusCode).toBe(401)
    expect(asked.map((line) => line.endsWith('true'))).toEqual([false, true, true])
  })

  it('proves that it knows the password, and names the next nonce where each is for one use', async () => {
    const first = await get('/once/a')
    const info = parseAuthParams(first.responseHeaders.getOne('Authentication-Info') ?? '')
    expect(info.get('rspauth')).toMatch(/^[0-9a-f]{32}$/)
    const second = await get('/once/b')
    const sent = parseCredentials(second.requestHeaders.getOne('Authorization') ?? '')
    expect(sent?.params.get('nonce')).toBe(info.get('nextnonce'))
    expect(asked).toHaveLength(1)
  })

  it('is given credentials unasked where its domain says so', async () => {
    await get('/digest/a')
    const message = await get('/elsewhere/a')
    expect(message.requestHeaders.has('Authorization')).toBe(true)
    expect((await get('/open')).requestHeaders.has('Authorization')).toBe(false)
  })
})
