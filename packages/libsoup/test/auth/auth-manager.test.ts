// AuthManager in a session, against servers that check what they get.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { withServer } from '@wpe-networking/test-support'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCredentials } from '../../src/auth/challenge.ts'
import { digestResponse, digestSecret } from '../../src/auth/digest.ts'
import {
  Auth,
  AuthBasic,
  AuthDigest,
  AuthManager,
  HTTPVersion,
  Message,
  MessageFlags,
  Session,
} from '../../src/index.ts'
import type { AuthChallenge, AuthPlace } from '../../src/index.ts'
import { withStreams } from '../http2/streams.ts'

let session: Session
let manager: AuthManager

beforeEach(() => {
  session = new Session({ proxyResolver: null, maxConnsPerHost: 8 })
  manager = new AuthManager()
  session.addFeature(manager)
})

afterEach(() => session.close())

/** `realm` is the first segment of the path; credentials are `user:secret`, as Basic. */
class BasicServer {
  readonly requests: string[] = []
  #answers = (): boolean => true

  readonly handler = (request: IncomingMessage, response: ServerResponse): void => {
    const { authorization = '-' } = request.headers
    this.requests.push(`${request.url} ${decode(authorization)}`)
    if (!this.#answers()) return
    if (decode(authorization) === 'user:secret') {
      response.end('hello')
      return
    }
    response.writeHead(401, { 'WWW-Authenticate': `Basic realm="${request.url?.split('/')[1] ?? ''}"` })
    response.end('who are you?')
  }

  /** Leaves requests without an answer from now on. */
  mute(): void {
    this.#answers = (): boolean => false
  }
}

function decode(authorization: string): string {
  const { token68 } = parseCredentials(authorization) ?? { token68: null }
  return token68 === null ? authorization : Buffer.from(token68, 'base64').toString()
}

function get(uri: string, onAuthenticate?: (auth: Auth, retrying: boolean) => unknown): Message {
  const message = new Message('GET', uri)
  if (onAuthenticate !== undefined) message.on('authenticate', onAuthenticate)
  return message
}

async function send(message: Message, signal?: AbortSignal): Promise<string> {
  const body = await session.sendAndRead(message, signal && { signal })
  return `${message.statusCode} ${body.toString()}`
}

function asUser(auth: Auth): boolean {
  auth.authenticate('user', 'secret')
  return true
}

async function withBasic(use: (origin: string, server: BasicServer) => Promise<void>): Promise<void> {
  const server = new BasicServer()
  await withServer(server.handler, ({ origin }) => use(origin, server))
}

describe("'authenticate'", () => {
  it('is asked once; later messages of the folder need no question and no second try', async () => {
    await withBasic(async (origin, server) => {
      const asked: unknown[] = []
      const onAuthenticate = (auth: Auth, retrying: boolean): boolean => {
        asked.push([auth.schemeName, auth.realm, auth.authority, auth.isForProxy, retrying])
        return asUser(auth)
      }
      expect(await send(get(`${origin}/a/1`, onAuthenticate))).toBe('200 hello')
      expect(await send(get(`${origin}/a/2`, onAuthenticate))).toBe('200 hello')
      expect(await send(get(`${origin}/a/b/3`))).toBe('200 hello')
      expect(asked).toEqual([['Basic', 'a', origin.slice('http://'.length), false, false]])
      expect(server.requests).toEqual(['/a/1 -', '/a/1 user:secret', '/a/2 user:secret', '/a/b/3 user:secret'])
    })
  })

  it('tells a new question from one after a refusal', async () => {
    await withBasic(async (origin, server) => {
      const asked: boolean[] = []
      const message = get(`${origin}/a`, (auth, retrying) => {
        asked.push(retrying)
        auth.authenticate('user', asked.length === 3 ? 'secret' : 'wrong')
        return true
      })
      expect(await send(message)).toBe('200 hello')
      expect(asked).toEqual([false, true, true])
      expect(server.requests).toHaveLength(4)
    })
  })

  it('may be answered later, by an event or with a promise', async () => {
    await withBasic(async (origin) => {
      const byEvent = get(`${origin}/a/`, (auth) => {
        setImmediate(() => auth.authenticate('user', 'secret'))
        return true
      })
      const byPromise = get(`${origin}/b/`, async (auth) => {
        await Promise.resolve()
        return asUser(auth)
      })
      expect(await Promise.all([send(byEvent), send(byPromise)])).toEqual(['200 hello', '200 hello'])
    })
  })

  it.each<[string, ((auth: Auth) => unknown) | undefined]>([
    ['nobody listens', undefined],
    ['listeners say nothing', (): void => undefined],
    ['a listener says no', (): boolean => false],
    ['a listener says no later', async (): Promise<boolean> => await Promise.resolve(false)],
    ['a listener cancels', (auth): boolean => (auth.cancel(), true)],
    ['a listener cancels later', (auth): boolean => (setImmediate(() => auth.cancel()), true)],
  ])('delivers the response where %s', async (_name, listener) => {
    await withBasic(async (origin, server) => {
      expect(await send(get(`${origin}/a`, listener))).toBe('401 who are you?')
      expect(server.requests).toEqual(['/a -'])
      // The next message may be luckier, also after a cancellation.
      expect(await send(get(`${origin}/a`, asUser))).toBe('200 hello')
    })
  })

  it('fails the message with what a listener throws', async () => {
    await withBasic(async (origin) => {
      const message = get(`${origin}/a`, () => {
        throw new Error('out of order')
      })
      await expect(send(message)).rejects.toThrow('out of order')
      const later = get(`${origin}/a`, () => Promise.reject(new Error('out of order')))
      await expect(send(later)).rejects.toThrow('out of order')
    })
  })

  it('is asked once for messages that need the same credentials at the same time', async () => {
    await withBasic(async (origin, server) => {
      const questions: Auth[] = []
      const onAuthenticate = (auth: Auth): boolean => questions.push(auth) > 0
      const answers = [1, 2, 3, 4].map((i) => send(get(`${origin}/a/${i}`, onAuthenticate)))
      await expect.poll(() => server.requests.length).toBe(4)
      await expect.poll(() => questions.length).toBe(1)
      questions[0]?.authenticate('user', 'secret')
      expect(await Promise.all(answers)).toEqual(Array(4).fill('200 hello'))
      expect(questions).toHaveLength(1)
    })
  })

  it('is asked of the next when the message that was asked is cancelled', async () => {
    await withBasic(async (origin) => {
      const cancel = new AbortController()
      const asked = Promise.withResolvers<void>()
      const first = get(`${origin}/a/1`, () => (asked.resolve(), true))
      const failed = expect(send(first, cancel.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
      await asked.promise
      const second = get(`${origin}/a/2`, asUser)
      const refused = Promise.withResolvers<void>()
      session.addFeature({ gotHeaders: () => refused.resolve() })
      const answer = send(second)
      await refused.promise
      cancel.abort()
      await failed
      expect(await answer).toBe('200 hello')
    })
  })

  it('does not hold a cancelled message', async () => {
    await withBasic(async (origin) => {
      const cancel = new AbortController()
      const message = get(`${origin}/a`, () => (setImmediate(() => cancel.abort()), true))
      await expect(send(message, cancel.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
    })
  })

  it('ends, however patient the listener is', async () => {
    await withBasic(async (origin, server) => {
      const message = get(`${origin}/a`, (auth) => (auth.authenticate('user', 'wrong'), true))
      expect(await send(message)).toBe('401 who are you?')
      expect(server.requests).toHaveLength(19)
    })
  })
})

describe('credentials', () => {
  it('come from the URI; refused ones are asked for', async () => {
    await withBasic(async (origin, server) => {
      const host = origin.slice('http://'.length)
      expect(await send(get(`http://user:secret@${host}/a`))).toBe('200 hello')
      expect(await send(get(`http://us%65r:secr%65t@${host}/b/`))).toBe('200 hello')
      expect(await send(get(`http://user@${host}/c/`, asUser))).toBe('200 hello')
      expect(server.requests).toEqual(['/a -', '/a user:secret', '/b/ user:secret', '/c/ user:', '/c/ user:secret'])
    })
  })

  it('are kept by realm and path', async () => {
    await withBasic(async (origin, server) => {
      await send(get(`${origin}/a/x/1`, asUser))
      server.requests.length = 0
      await send(get(`${origin}/a/2`)) // above
      await send(get(`${origin}/a/2`)) // known by now: the realm has credentials
      await send(get(`${origin}/b/x/1`)) // another realm
      expect(server.requests).toEqual(['/a/2 -', '/a/2 user:secret', '/a/2 user:secret', '/b/x/1 -'])
    })
  })

  it('are forgotten by clearCachedCredentials', async () => {
    await withBasic(async (origin, server) => {
      await send(get(`${origin}/a`, asUser))
      manager.clearCachedCredentials()
      expect(await send(get(`${origin}/a`))).toBe('401 who are you?')
      expect(server.requests.at(-1)).toBe('/a -')
    })
  })

  it('are neither kept nor taken with DO_NOT_USE_AUTH_CACHE', async () => {
    await withBasic(async (origin, server) => {
      const message = get(`${origin}/a`, asUser)
      message.addFlags(MessageFlags.DO_NOT_USE_AUTH_CACHE)
      expect(await send(message)).toBe('200 hello')
      expect(await send(get(`${origin}/a`))).toBe('401 who are you?')
      expect(await send(get(`${origin}/a`, asUser))).toBe('200 hello')
      const other = get(`${origin}/a`)
      other.addFlags(MessageFlags.DO_NOT_USE_AUTH_CACHE)
      expect(await send(other)).toBe('401 who are you?')
      expect(server.requests.at(-1)).toBe('/a -')
    })
  })

  it('are known to one isolation key only', async () => {
    await withBasic(async (origin) => {
      const under = (key: string | null, listener?: (auth: Auth) => unknown): Promise<string> => {
        const message = get(`${origin}/a`, listener)
        message.isolationKey = key
        return send(message)
      }
      expect(await under('one', asUser)).toBe('200 hello')
      expect(await under('two')).toBe('401 who are you?')
      expect(await under(null)).toBe('401 who are you?')
      expect(await under('one')).toBe('200 hello')
    })
  })

  it('work over HTTP/2', async () => {
    await withStreams(
      (stream, _path, _session, headers) => {
        const isKnown = decode(headers.authorization ?? '') === 'user:secret'
        stream.respond(isKnown ? { ':status': 200 } : { ':status': 401, 'www-authenticate': 'Basic realm="h2"' })
        stream.end(isKnown ? 'hello' : 'no')
      },
      async ({ origin }, h2) => {
        h2.addFeature(manager)
        const messages = [1, 2, 3].map((i) => get(`${origin}/${i}`, asUser))
        const bodies = await Promise.all(messages.map(async (message) => (await h2.sendAndRead(message)).toString()))
        expect(bodies).toEqual(['hello', 'hello', 'hello'])
        expect(messages.map(({ httpVersion }) => httpVersion)).toEqual(Array(3).fill(HTTPVersion.HTTP_2_0))
      },
    )
  })

  it('can be given ahead with useAuth', async () => {
    await withBasic(async (origin, server) => {
      const auth = new AuthBasic({ authority: origin.slice('http://'.length), isForProxy: false })
      auth.authenticate('user', 'secret')
      manager.useAuth(`${origin}/a/`, auth)
      expect(await send(get(`${origin}/a/b`))).toBe('200 hello')
      expect(server.requests).toEqual(['/a/b user:secret'])
    })
  })

  it('are sent again when a message is sent again, and the field is no caller of its own', async () => {
    await withBasic(async (origin, server) => {
      const message = get(`${origin}/a`, asUser)
      expect(await send(message)).toBe('200 hello')
      manager.clearCachedCredentials()
      expect(await send(message)).toBe('200 hello')
      expect(server.requests).toEqual(['/a -', '/a user:secret', '/a -', '/a user:secret'])
    })
  })

  it('of the caller are left alone, with the answer to them', async () => {
    await withBasic(async (origin, server) => {
      await send(get(`${origin}/a`, asUser))
      const message = get(`${origin}/a`, asUser)
      message.requestHeaders.append('Authorization', 'Bearer token')
      expect(await send(message)).toBe('401 who are you?')
      expect(server.requests.at(-1)).toMatch(/^\/a (?!user:secret)/)
      expect(message.requestHeaders.getOne('Authorization')).toBe('Bearer token')
      const again = get(`${origin}/a`)
      expect(await send(again)).toBe('200 hello')
      again.requestHeaders.replace('Authorization', 'Bearer token')
      expect(await send(again)).toBe('401 who are you?')
    })
  })

  it('do not go to another origin with a redirect, nor where the caller disabled the feature', async () => {
    await withBasic(async (elsewhere, other) => {
      const handler = (request: IncomingMessage, response: ServerResponse): void => {
        if (request.headers.authorization === undefined) {
          response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="a"' }).end()
        } else response.writeHead(302, { Location: `${elsewhere}/a/` }).end()
      }
      await withServer(handler, async ({ origin }) => {
        const message = get(`${origin}/`, (auth) => auth.authority === origin.slice('http://'.length) && asUser(auth))
        expect(await send(message)).toBe('401 who are you?')
        expect(other.requests).toEqual(['/a/ -'])
        const without = get(`${elsewhere}/a/`, asUser)
        without.disableFeature(AuthManager)
        expect(await send(without)).toBe('401 who are you?')
      })
    })
  })

  it('of somebody who answered meanwhile are tried before anybody is asked', async () => {
    const known = Promise.withResolvers<void>()
    const handler = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const credentials = decode(request.headers.authorization ?? '')
      if (credentials === 'user:secret') {
        response.end('hello')
        known.resolve()
        return
      }
      if (request.url === '/late') await known.promise // so that its refusal is of what was known before
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="r"' }).end()
    }
    await withServer(handler, async ({ origin }) => {
      const auth = new AuthBasic({ authority: origin.slice('http://'.length), isForProxy: false })
      auth.realm = 'r'
      auth.authenticate('user', 'wrong')
      manager.useAuth(origin, auth)
      const late = get(`${origin}/late`, () => expect.fail('asked'))
      expect(await Promise.all([send(late), send(get(`${origin}/soon`, asUser))])).toEqual(['200 hello', '200 hello'])
    })
  })

  it('cannot be given for a body that is gone', async () => {
    await withBasic(async (origin) => {
      const message = new Message('POST', `${origin}/a`)
      message.on('authenticate', asUser)
      message.setRequestBody('text/plain', Readable.from(['x']))
      expect(await send(message)).toBe('401 who are you?')
      const again = new Message('POST', `${origin}/a`)
      again.on('authenticate', asUser)
      again.setRequestBody('text/plain', () => Readable.from(['x']))
      expect(await send(again)).toBe('200 hello')
    })
  })
})

describe('a 407', () => {
  it('of one proxy brings another nothing', async () => {
    const heard: string[] = []
    const proxyCalled =
      (name: string, location: string | null) =>
      (request: IncomingMessage, response: ServerResponse): void => {
        heard.push(`${name} ${request.url} ${decode(request.headers['proxy-authorization'] ?? '-')}`)
        const isKnown = request.headers['proxy-authorization'] !== undefined
        if (isKnown && location !== null) response.writeHead(302, { Location: location }).end()
        else response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="same"' }).end('pay')
      }
    await withServer(proxyCalled('b', null), async (b) => {
      await withServer(proxyCalled('a', 'http://b.test/'), async (a) => {
        session.proxyResolver = {
          isSupported: true,
          lookup: async (uri) => await Promise.resolve([uri.includes('a.test') ? a.origin : b.origin]),
        }
        const message = get('http://a.test/', (auth) => auth.authority === a.origin.slice(7) && asUser(auth))
        expect(await send(message)).toBe('407 pay')
      })
    })
    expect(heard).toEqual(['a http://a.test/ -', 'a http://a.test/ user:secret', 'b http://b.test/ -'])
  })

  it('of a server that is no proxy asks nobody', async () => {
    const handler = (_request: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="a"' }).end('pay')
    }
    await withServer(handler, async ({ origin }) => {
      expect(await send(get(`${origin}/`, () => expect.fail('asked')))).toBe('407 pay')
    })
  })
})

/** A scheme of the test's own. */
class Token extends Auth {
  static readonly schemeName = 'Token'
  static readonly strength = 6
  readonly schemeName = Token.schemeName
  #value: string | null = null
  static create(place: AuthPlace): Token {
    return new Token(place)
  }
  async getAuthorization(): Promise<string | null> {
    return await Promise.resolve(`Token ${this.#value}`)
  }
  getProtectionSpace(): string[] {
    return ['/']
  }
  protected get hasCredentials(): boolean {
    return this.#value !== null
  }
  protected override get takesCredentials(): boolean {
    return false
  }
  protected readChallenge(_message: Message, { token68 }: AuthChallenge): boolean {
    this.#value = token68 === 'good=' && this.#value === null ? 'answer' : null
    return token68 !== 'bad='
  }
  protected setCredentials(): void {
    throw new Error('Nobody should give it any.')
  }
}

describe('schemes', () => {
  const answering =
    (challenges: string[]) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const scheme = parseCredentials(request.headers.authorization ?? '')?.scheme
      if (scheme !== undefined && !(scheme === 'Token' && request.url === '/no-token')) response.end(scheme)
      else response.writeHead(401, { 'WWW-Authenticate': challenges }).end('none')
    }

  it.each<[string, string[], string]>([
    ['the strongest', ['Basic realm="r"', 'Digest realm="r", nonce="n"', 'Token good='], 'Token'],
    ['the strongest, in one field', ['Basic realm="r", Token good=, Digest realm="r", nonce="n"'], 'Token'],
    ['the strongest that can do something', ['Basic realm="r"', 'Token bad=', 'Digest realm="r", nonce="n"'], 'Digest'],
    ['the strongest that has credentials', ['Basic realm="r"', 'Token dull='], 'Basic'],
    ['the strongest whose challenge is sound', ['Digest realm="r"', 'Basic realm="r"'], 'Basic'],
    [
      'the first sound challenge',
      ['Digest realm="r", nonce="n", algorithm=X', 'Digest realm="r", nonce="n"'],
      'Digest',
    ],
    ['none of those unknown', ['Bearer realm="r"', 'basic'], 'Basic'],
    ['none', ['Bearer realm="r"'], 'none'],
    ['none of garbage', ['"', '=='], 'none'],
  ])('takes %s', async (_name, challenges, expected) => {
    manager.addScheme(Token)
    await withServer(answering(challenges), async ({ origin }) => {
      expect((await send(get(`${origin}/`, asUser))).slice(4)).toBe(expected)
    })
  })

  it('goes on with the next when one is refused that has nothing else to offer', async () => {
    manager.addScheme(Token)
    await withServer(answering(['Token good=', 'Basic realm="r"']), async ({ origin }) => {
      expect(await send(get(`${origin}/no-token`, asUser))).toBe('200 Basic')
    })
  })

  it('can be added and removed', async () => {
    expect(manager.schemes).toEqual([AuthDigest, AuthBasic])
    manager.addScheme(Token)
    manager.addScheme(Token)
    expect(manager.schemes).toEqual([Token, AuthDigest, AuthBasic])
    manager.removeScheme(AuthDigest)
    expect(manager.hasScheme(AuthDigest)).toBe(false)
    await withServer(answering(['Digest realm="r", nonce="n"']), async ({ origin }) => {
      expect(await send(get(`${origin}/`, asUser))).toBe('401 none')
    })
  })
})

describe('Digest', () => {
  it('needs no new question for a stale nonce, or the next one', async () => {
    const uses: string[] = []
    const handler = (request: IncomingMessage, response: ServerResponse): void => {
      const params = parseCredentials(request.headers.authorization ?? '')?.params
      const nonce = params?.get('nonce') ?? '-'
      uses.push(`${request.url} ${nonce} ${params?.get('nc') ?? '-'}`)
      const key = digestSecret('MD5', 'user', 'r', 'secret')
      const proof = (method: string): string =>
        digestResponse({
          algorithm: 'MD5',
          key,
          method,
          uri: request.url ?? '',
          nonce,
          qop: 'auth',
          cnonce: params?.get('cnonce') ?? '',
          nonceCount: Number.parseInt(params?.get('nc') ?? '0', 16),
        })
      if (params?.get('response') === proof('GET') && !(request.url === '/stale' && nonce === 'n1')) {
        const next = request.url === '/next' ? ', nextnonce="n3"' : ''
        response.setHeader('Authentication-Info', `qop=auth, rspauth="${proof('')}"${next}`)
        if (request.url === '/next') response.writeHead(302, { Location: '/after' })
        response.end('hello')
        return
      }
      const stale = request.url === '/stale' ? 'nonce="n2", stale=true' : 'nonce="n1"'
      response.writeHead(401, { 'WWW-Authenticate': `Digest realm="r", qop="auth", ${stale}` }).end()
    }
    await withServer(handler, async ({ origin }) => {
      expect(await send(get(`${origin}/first`, asUser))).toBe('200 hello')
      expect(await send(get(`${origin}/second`))).toBe('200 hello')
      expect(await send(get(`${origin}/stale`))).toBe('200 hello')
      expect(await send(get(`${origin}/next`))).toBe('200 hello') // redirects
    })
    expect(uses).toEqual([
      '/first - -',
      '/first n1 00000001',
      '/second n1 00000002',
      '/stale n1 00000003',
      '/stale n2 00000001',
      '/next n2 00000002',
      '/after n3 00000001',
    ])
  })

  it('fails where the server proves nothing, instead of believing it', async () => {
    const handler = (request: IncomingMessage, response: ServerResponse): void => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="r", qop="auth", nonce="n"' }).end()
      } else response.setHeader('Authentication-Info', `rspauth="${'0'.repeat(32)}"`).end('trust me')
    }
    await withServer(handler, async ({ origin }) => {
      await expect(send(get(`${origin}/`, asUser))).rejects.toMatchObject({
        domain: 'soup-auth-error-quark',
        code: 'MUTUAL_AUTHENTICATION_FAILED',
      })
    })
  })

  it('uses the credentials where the domain says', async () => {
    const uses: string[] = []
    const handler = (request: IncomingMessage, response: ServerResponse): void => {
      const isKnown = request.headers.authorization !== undefined
      uses.push(`${request.url} ${isKnown}`)
      if (isKnown || request.url === '/open') response.end('hello')
      else response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="r", nonce="n", domain="/in /too/"' }).end()
    }
    await withServer(handler, async ({ origin }) => {
      await send(get(`${origin}/in/x`, asUser))
      for (const path of ['/in', '/in/y', '/inside', '/too/z', '/open']) await send(get(origin + path))
    })
    expect(uses).toEqual([
      '/in/x false',
      '/in/x true',
      '/in true',
      '/in/y true',
      '/inside false',
      '/inside true', // the realm is known
      '/too/z true',
      '/open false',
    ])
  })
})
