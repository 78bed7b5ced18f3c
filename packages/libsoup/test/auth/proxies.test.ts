// Credentials for a real proxy, squid with its own helpers: for http in absolute form and for tunnels.

import { SimpleProxyResolver, TlsCertificate, TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority, hasSquid, startServer, startSquid, startTlsServer } from '@wpe-networking/test-support'
import type { ListeningServer, ProxyProcess, SquidOptions } from '@wpe-networking/test-support'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { AuthManager, Message, MessageFlags, Session } from '../../src/index.ts'
import type { Auth } from '../../src/index.ts'

const SCHEMES = ['basic-ncsa', 'digest'] as const satisfies SquidOptions['scheme'][]

let plain: ListeningServer
let secure: ListeningServer
let tlsDatabase: TlsDatabase
/** What the origins were sent as credentials for a proxy: nothing, if all is well. */
const leaked: string[] = []

beforeAll(async () => {
  const authority = await CertificateAuthority.create()
  tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
  const certificate = await authority.issue()
  const handler: Parameters<typeof startServer>[0] = (request, response) => {
    const { 'proxy-authorization': field, authorization = '' } = request.headers
    if (field !== undefined) leaked.push(field)
    if (request.url === '/private' && authorization !== `Basic ${Buffer.from('bob:hush').toString('base64')}`) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="origin"' }).end('who?')
    } else if (request.url === '/impostor') {
      response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="squid"' }).end('pay')
    } else response.end('hello')
  }
  plain = await startServer(handler)
  secure = await startTlsServer(handler, { certificate })
})

afterAll(async () => {
  await Promise.all([plain.close(), secure.close()])
  expect(leaked).toEqual([])
})

describe.skipIf(!hasSquid()).each(SCHEMES)('a proxy that wants %s', (scheme) => {
  let proxy: ProxyProcess
  let session: Session

  beforeAll(async () => {
    proxy = await startSquid({ scheme, user: 'alice', password: 'secret7' })
  }, 60_000)
  afterAll(async () => await proxy.close())
  afterEach(() => session.close())

  function open(userinfo = ''): void {
    const proxyResolver = new SimpleProxyResolver(`http://${userinfo}127.0.0.1:${proxy.port}`)
    session = new Session({ proxyResolver, tlsDatabase })
    session.addFeature(new AuthManager())
  }

  async function get(uri: string, listener?: (auth: Auth, retrying: boolean) => unknown, flags = 0): Promise<string> {
    const message = new Message('GET', uri)
    message.addFlags(flags)
    if (listener !== undefined) message.on('authenticate', listener)
    const body = await session.sendAndRead(message)
    return `${message.statusCode} ${message.statusCode === 407 ? '' : body.toString()}`
  }

  /** Gives the password the second time; writes down what it is asked. */
  function forgetful(asked: string[]): (auth: Auth, retrying: boolean) => boolean {
    return (auth, retrying) => {
      asked.push(`${auth.schemeName} ${auth.realm} ${auth.authority} ${auth.isForProxy} ${retrying}`)
      auth.authenticate('alice', asked.length === 1 ? 'wrong' : 'secret7')
      return true
    }
  }

  it.each(['http', 'https'])('is answered once for all messages, %s', async (protocol) => {
    open()
    const origin = protocol === 'http' ? plain.origin : secure.origin
    const asked: string[] = []
    expect(await get(`${origin}/a`, forgetful(asked))).toBe('200 hello')
    expect(await get(`${origin}/b`, forgetful(asked))).toBe('200 hello')
    expect(await get(`${plain.origin}/c`, forgetful(asked))).toBe('200 hello')
    expect(await get(`${secure.origin}/d`, forgetful(asked))).toBe('200 hello')
    const name = scheme === 'digest' ? 'Digest' : 'Basic'
    expect(asked).toEqual([false, true].map((again) => `${name} squid 127.0.0.1:${proxy.port} true ${again}`))
  })

  it('is given the credentials of its URI', async () => {
    open('alice:secret7@')
    expect(await get(`${plain.origin}/a`)).toBe('200 hello')
    expect(await get(`${secure.origin}/a`)).toBe('200 hello')
  })

  it('is asked about when the credentials of its URI are wrong', async () => {
    open('alice:old@')
    const asked: boolean[] = []
    const listener = (auth: Auth, retrying: boolean): boolean => {
      asked.push(retrying)
      auth.authenticate('alice', 'secret7')
      return true
    }
    expect(await get(`${secure.origin}/a`, listener)).toBe('200 hello')
    expect(await get(`${plain.origin}/a`)).toBe('200 hello')
    expect(asked).toEqual([true])
  })

  it('may ask beside the origin', async () => {
    open()
    const asked: string[] = []
    const listener = (auth: Auth): boolean => {
      asked.push(auth.realm ?? '')
      if (auth.isForProxy) auth.authenticate('alice', 'secret7')
      else auth.authenticate('bob', 'hush')
      return true
    }
    expect(await get(`${plain.origin}/private`, listener)).toBe('200 hello')
    expect(await get(`${secure.origin}/private`, listener)).toBe('200 hello')
    expect(asked).toEqual(['squid', 'origin', 'origin'])
  })

  it('refuses where nobody answers', async () => {
    open()
    expect(await get(`${plain.origin}/a`)).toBe('407 ')
    await expect(get(`${secure.origin}/a`)).rejects.toMatchObject({ code: 'PROXY_NEED_AUTH' })
    await expect(get(`${secure.origin}/a`, (auth) => (auth.cancel(), true))).rejects.toMatchObject({
      code: 'PROXY_NEED_AUTH',
    })
  })

  it('lets a message be cancelled while its tunnel waits for an answer', async () => {
    open()
    const message = new Message('GET', `${secure.origin}/a`)
    message.on('authenticate', () => {
      setImmediate(() => session.cancelMessage(message))
      return true
    })
    await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await get(`${secure.origin}/a`, (auth) => (auth.authenticate('alice', 'secret7'), true))).toBe('200 hello')
  })

  it('is asked about by each message that does not use the cache', async () => {
    open()
    const asked: string[] = []
    const listener = (auth: Auth): boolean => (asked.push(''), auth.authenticate('alice', 'secret7'), true)
    expect(await get(`${plain.origin}/a`, listener, MessageFlags.DO_NOT_USE_AUTH_CACHE)).toBe('200 hello')
    expect(await get(`${plain.origin}/a`, listener, MessageFlags.DO_NOT_USE_AUTH_CACHE)).toBe('200 hello')
    expect(asked).toHaveLength(2)
  })

  it('cannot be spoken for by the far end of a tunnel', async () => {
    open()
    const asked: string[] = []
    const listener = (auth: Auth): boolean => (asked.push(auth.authority), auth.authenticate('alice', 'secret7'), true)
    expect(await get(`${secure.origin}/impostor`, listener)).toBe('407 ')
    expect(asked).toEqual([`127.0.0.1:${proxy.port}`])
  })
})
