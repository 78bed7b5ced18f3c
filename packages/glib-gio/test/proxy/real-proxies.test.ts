// SocketClient through proxies as people run them: squid, tinyproxy and dante.

import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  HttpsProxy,
  NetworkAddress,
  Proxy,
  ProxyAddress,
  SimpleProxyResolver,
  SocketClient,
  SocketClientEvent,
  socketClientEventName,
  SocketConnection,
  TlsCertificate,
  TlsDatabase,
} from '@wpe-networking/glib-gio'
import type { SocketClientOptions, TlsBackendName } from '@wpe-networking/glib-gio'
import {
  CertificateAuthority,
  hasDanted,
  hasSquid,
  hasTinyproxy,
  startDanted,
  startRawServer,
  startRawTlsServer,
  startSquid,
  startTinyproxy,
  withSocksServer,
  withSquid,
} from '@wpe-networking/test-support'
import type { ListeningServer, ProxyProcess } from '@wpe-networking/test-support'
import { FakeResolver } from '../resolver/fake-resolver.ts'

// The destination speaks first, so that what comes right behind the proxy's answer is seen to arrive.
let destination: ListeningServer
let destinationV6: ListeningServer
let secureDestination: ListeningServer
let authority: CertificateAuthority
let database: TlsDatabase

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  database = new TlsDatabase([TlsCertificate.fromPem(authority.certificatePem)])
  const certificate = await authority.issue({ dnsNames: ['destination.test', 'localhost'] })
  destination = await startRawServer((socket) => {
    socket.write('hello ')
    socket.pipe(socket)
  })
  destinationV6 = await startRawServer((socket) => socket.end('hello from v6'), { host: '::1' })
  secureDestination = await startRawTlsServer((socket) => socket.end('secret'), { certificate })
})

afterAll(async () => {
  await Promise.all([destination.close(), destinationV6.close(), secureDestination.close()])
})

// Whatever name is looked up here is one that the proxy should have been given.
const noNames = new FakeResolver({})

function clientOf(proxy: string, options: SocketClientOptions = {}): SocketClient {
  return new SocketClient({
    proxyResolver: new SimpleProxyResolver(proxy),
    resolver: noNames,
    timeout: 10,
    ...options,
  })
}

function eventsOf(client: SocketClient): string[] {
  const events: string[] = []
  client.on('event', (event, _, connection) => {
    const remote = connection instanceof SocketConnection ? connection.remoteAddress : null
    events.push(`${socketClientEventName(event)}${remote instanceof ProxyAddress ? ' proxy' : ''}`)
  })
  return events
}

/** Says something, and gives what has come when it is as long as `expected`; closes. Proxies cut half-closed ones short. */
async function answer(connection: SocketConnection, expected: string, say = ''): Promise<string> {
  const { ioStream } = connection
  if (say !== '') ioStream.write(say)
  let text = ''
  for await (const chunk of ioStream as AsyncIterable<Buffer>) {
    text += chunk.toString()
    if (text.length >= expected.length) break // which destroys the stream
  }
  return text
}

async function expectHello(connection: SocketConnection): Promise<void> {
  expect(await answer(connection, 'hello and back', 'and back')).toBe('hello and back')
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => 'connected',
    (error: unknown) => (error as { code: string }).code,
  )
}

describe.each([
  { name: 'squid', hasIt: hasSquid, start: startSquid, refused: 'PROXY_FAILED' },
  { name: 'tinyproxy', hasIt: hasTinyproxy, start: startTinyproxy, refused: 'PROXY_FAILED' },
])('HTTP CONNECT through $name', ({ name, hasIt, start, refused }) => {
  const skip = !hasIt()
  let open: ProxyProcess
  let guarded: ProxyProcess

  beforeAll(async () => {
    if (skip) return
    const user = { user: 'alice', password: 'secret7' }
    ;[open, guarded] = await Promise.all([start({}), start(user)])
  }, 60_000)

  afterAll(async () => {
    if (!skip) await Promise.all([open.close(), guarded.close()])
  })

  it.skipIf(skip)('connects, tells its events in order, and loses no byte', async () => {
    const client = clientOf(`http://127.0.0.1:${open.port}`)
    const events = eventsOf(client)
    const connection = await client.connectToHost('localhost', destination.port)
    expect(events).toEqual([
      'RESOLVING',
      'RESOLVED',
      'CONNECTING proxy',
      'CONNECTED proxy',
      'PROXY_NEGOTIATING proxy',
      'PROXY_NEGOTIATED proxy',
      'COMPLETE proxy',
    ])
    await expectHello(connection)
  })

  it.skipIf(skip)('connects to an IPv6 address', async () => {
    const client = clientOf(`http://127.0.0.1:${open.port}`)
    const connection = await client.connectToHost('::1', destinationV6.port)
    expect(await answer(connection, 'hello from v6')).toBe('hello from v6')
  })

  it.skipIf(skip)('does TLS with the destination behind it, for the name of the destination', async () => {
    const client = clientOf(`http://127.0.0.1:${open.port}`, { tls: true, tlsOptions: { database } })
    const events = eventsOf(client)
    const connection = await client.connectToHost('localhost', secureDestination.port)
    expect(events.slice(-4)).toEqual(['PROXY_NEGOTIATED proxy', 'TLS_HANDSHAKING', 'TLS_HANDSHAKED', 'COMPLETE proxy'])
    expect(await answer(connection, 'secret')).toBe('secret')
    const wrongName = client.connectToHost('127.0.0.1', secureDestination.port)
    await expect(wrongName).rejects.toMatchObject({ domain: 'g-tls-error-quark', code: 'BAD_CERTIFICATE' })
  })

  it.skipIf(skip)('shows the right user in, and no other', async () => {
    const connect = (userinfo: string): Promise<SocketConnection> =>
      clientOf(`http://${userinfo}127.0.0.1:${guarded.port}`).connectToHost('localhost', destination.port)
    await expectHello(await connect('alice:secret7@'))
    await expectHello(await connect('al%69ce:secret7@'))
    expect(await errorOf(connect('alice:wrong@'))).toBe('PROXY_AUTH_FAILED')
    expect(await errorOf(connect(''))).toBe('PROXY_NEED_AUTH')
  })

  it.skipIf(skip)('reports a destination that refuses', async () => {
    const client = clientOf(`http://127.0.0.1:${open.port}`)
    expect(await errorOf(client.connectToHost('127.0.0.1', 1))).toBe(refused)
  })

  it.skipIf(skip)('reports a destination that is not allowed', async () => {
    const options = name === 'squid' ? { deniedPorts: [destination.port] } : { connectPorts: [1] }
    const strict = await start(options)
    try {
      const client = clientOf(`http://127.0.0.1:${strict.port}`)
      expect(await errorOf(client.connectToHost('127.0.0.1', destination.port))).toBe('PROXY_NOT_ALLOWED')
    } finally {
      await strict.close()
    }
  })
})

describe.skipIf(!hasSquid()).each<TlsBackendName>(['openssl', 'gnutls'])(
  'an HTTPS proxy (squid), with %s',
  (backend) => {
    it('is spoken to in TLS, its certificate has to be for its own name, and there is TLS again behind it', async () => {
      const certificate = await authority.issue({ dnsNames: ['proxy.test'] })
      await withSquid({ certificate }, async ({ port }) => {
        const resolver = new FakeResolver({ 'proxy.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] })
        const through = (host: string, options?: SocketClientOptions): SocketClient =>
          clientOf(`https://${host}:${port}`, { resolver, ...options })

        const untrusted = through('proxy.test').connectToHost('localhost', destination.port)
        await expect(untrusted).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })
        Proxy.setDefaultForProtocol('https', new HttpsProxy({ tls: { database, backend } }))
        try {
          await expectHello(await through('proxy.test').connectToHost('localhost', destination.port))
          const misnamed = through('other.test').connectToHost('localhost', destination.port)
          await expect(misnamed).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })

          const client = through('proxy.test', { tls: true, tlsOptions: { database, backend } })
          const connections: unknown[] = []
          client.on('event', (event, _, connection) => {
            if (event > SocketClientEvent.CONNECTED) connections.push(connection)
          })
          const twice = await client.connectToHost('localhost', secureDestination.port)
          const [negotiating, negotiated, handshaking, handshaked, complete] = connections
          expect(negotiating).not.toBe(negotiated) // the second is the stream inside the proxy's TLS
          expect(handshaking).toBe(handshaked)
          expect(complete).toBe(twice)
          expect(twice.localAddress?.toString()).toMatch(/^127\.0\.0\.1:/)
          expect(await answer(twice, 'secret')).toBe('secret')
        } finally {
          Proxy.setDefaultForProtocol('https', null)
        }
      })
    })
  },
)

describe.skipIf(!hasDanted())('SOCKS through dante', () => {
  let proxy: ProxyProcess
  const deniedPort = 9

  beforeAll(async () => {
    proxy = await startDanted({ deniedPort })
  }, 60_000)

  afterAll(async () => {
    await proxy.close()
  })

  it('socks5 leaves looking the name up to the proxy', async () => {
    const client = clientOf(`socks5://127.0.0.1:${proxy.port}`)
    await expectHello(await client.connectToHost('localhost', destination.port))
  })

  it('socks4 looks the name up here, and tries its IPv4 addresses in turn', async () => {
    const resolver = new FakeResolver({ 'h.example': ['127.0.0.3', '127.0.0.1'] })
    const client = clientOf(`socks4://someone@127.0.0.1:${proxy.port}`, { resolver })
    const connection = await client.connectToHost('h.example', destination.port)
    expect(resolver.asked).toEqual(['h.example 1'])
    await expectHello(connection)
  })

  it('socks5 connects to addresses, IPv4 and IPv6', async () => {
    const client = clientOf(`socks5://127.0.0.1:${proxy.port}`)
    await expectHello(await client.connectToHost('127.0.0.1', destination.port))
    expect(await answer(await client.connectToHost('::1', destinationV6.port), 'hello from v6')).toBe('hello from v6')
  })

  it('does TLS with the destination behind it', async () => {
    const client = clientOf(`socks5://127.0.0.1:${proxy.port}`, { tls: true, tlsOptions: { database } })
    expect(await answer(await client.connectToHost('localhost', secureDestination.port), 'secret')).toBe('secret')
  })

  it('tells why it could not connect', async () => {
    const connect = (protocol: string, host: string, port: number): Promise<unknown> =>
      errorOf(clientOf(`${protocol}://127.0.0.1:${proxy.port}`).connectToHost(host, port))
    expect(await connect('socks5', '127.0.0.1', 1)).toBe('CONNECTION_REFUSED')
    expect(await connect('socks5', '127.0.0.1', deniedPort)).toBe('PROXY_NOT_ALLOWED')
    expect(await connect('socks4', '127.0.0.1', 1)).toBe('PROXY_FAILED')
    expect(await connect('socks4', '::1', destinationV6.port)).toBe('PROXY_FAILED')
  })

  it('socks:// tries version 5 first', async () => {
    const client = clientOf(`socks://127.0.0.1:${proxy.port}`)
    const protocols: string[] = []
    client.on('event', (_, __, connection) => {
      const remote = connection instanceof SocketConnection ? connection.remoteAddress : null
      if (remote instanceof ProxyAddress) protocols.push(remote.protocol)
    })
    await (await client.connectToHost('localhost', destination.port)).close()
    expect(new Set(protocols)).toEqual(new Set(['socks5']))
  })
})

describe('SOCKS5 with a user and a password (RFC 1929)', () => {
  it('shows the right user in, and no other, and gives the proxy names', async () => {
    await withSocksServer({ user: 'ålice', password: 'p:w@' }, async ({ port, destinations }) => {
      const connect = (userinfo: string, host: string): Promise<SocketConnection> =>
        clientOf(`socks5://${userinfo}127.0.0.1:${port}`).connectToHost(host, destination.port)
      await expectHello(await connect('%C3%A5lice:p%3Aw%40@', 'bücher.test'))
      expect(await errorOf(connect('%C3%A5lice:wrong@', 'h.test'))).toBe('PROXY_AUTH_FAILED')
      expect(await errorOf(connect('', 'h.test'))).toBe('PROXY_NEED_AUTH')
      expect(destinations).toEqual([`xn--bcher-kva.test:${destination.port}`])
    })
  })

  it('says nothing of them to a proxy that does not ask', async () => {
    await withSocksServer({}, async ({ port }) => {
      const client = clientOf(`socks5://alice:secret@127.0.0.1:${port}`)
      const connection = await client.connect(new NetworkAddress('localhost', destination.port))
      const [data] = (await once(connection.ioStream, 'data')) as [Buffer]
      expect(data.toString()).toBe('hello ')
      await connection.close()
    })
  })
})

describe('SOCKS4A', () => {
  it('gives the proxy names, and addresses as they are', async () => {
    await withSocksServer({}, async ({ port, destinations }) => {
      const client = clientOf(`socks4a://someone@127.0.0.1:${port}`)
      await expectHello(await client.connectToHost('h.test', destination.port))
      await expectHello(await client.connectToHost('127.0.0.1', destination.port))
      expect(await errorOf(client.connectToHost('127.0.0.1', 1))).toBe('PROXY_FAILED')
      expect(destinations.slice(0, 2)).toEqual([`h.test:${destination.port}`, `127.0.0.1:${destination.port}`])
    })
  })
})
