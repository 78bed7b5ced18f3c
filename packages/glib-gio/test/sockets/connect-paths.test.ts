import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CertificateAuthority, startRawServer } from '@wpe-networking/test-support'
import type { ListeningServer } from '@wpe-networking/test-support'
import {
  NetworkAddress,
  SimpleProxyResolver,
  SocketClientEvent,
  socketClientEventName,
  SocketConnection,
  TlsCertificate,
  TlsClientConnection,
  TlsDatabase,
  TlsServerConnection,
} from '@wpe-networking/glib-gio'
import type {
  ProxyResolver,
  ResolverRecords,
  ResolverRecordType,
  SocketClientEventConnection,
  SocketClientOptions,
  SrvRecord,
} from '@wpe-networking/glib-gio'
import { FakeResolver } from '../resolver/fake-resolver.ts'
import { SlowClient } from './slow-client.ts'

const HOLE = '127.0.0.11'
const REFUSING = '127.0.0.13'
const PLAIN = '127.0.0.1'

let authority: CertificateAuthority
let certificate: TlsCertificate
let plain: ListeningServer
let secure: ListeningServer
let proxy: ListeningServer
let refusingProxy: ListeningServer
let silentProxy: ListeningServer

/** A proxy that knows CONNECT and nothing else; the name it is given is always this machine. */
function tunnel(client: Socket): void {
  client.once('data', (head) => {
    const port = Number(/^CONNECT \S+:(\d+) /.exec(String(head))?.[1])
    const target = connect(port, PLAIN, () => client.write('HTTP/1.1 200 Connected\r\n\r\n'))
    target.on('error', () => client.destroy()).on('close', () => client.destroy())
    client.pipe(target).pipe(client)
  })
}

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  const issued = await authority.issue({ dnsNames: ['h.example'] })
  certificate = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
  plain = await startRawServer((socket) => void socket.end('plain'))
  secure = await startRawServer((socket) => {
    const server = TlsServerConnection.create(socket, { certificate })
    server.handshake().then(
      () => server.ioStream.on('error', () => undefined).end('secure'),
      () => undefined,
    )
  })
  proxy = await startRawServer(tunnel)
  refusingProxy = await startRawServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'))
  })
  silentProxy = await startRawServer((socket) => void socket.resume())
})

afterAll(async () => {
  await Promise.all([plain, secure, proxy, refusingProxy, silentProxy].map((server) => server.close()))
})

const direct: ProxyResolver = { isSupported: true, lookup: () => Promise.resolve(['direct://']) }
const through = (...servers: (ListeningServer | 'direct')[]): ProxyResolver => ({
  isSupported: true,
  lookup: () =>
    Promise.resolve(servers.map((server) => (server === 'direct' ? 'direct://' : `http://${PLAIN}:${server.port}`))),
})

function clientFor(options: SocketClientOptions): SlowClient {
  return new SlowClient([HOLE], {
    resolver: new FakeResolver({
      'h.example': [PLAIN],
      'refused-first.example': [REFUSING, PLAIN],
      'hole-first.example': [HOLE, PLAIN],
      'refusing.example': [REFUSING],
    }),
    proxyResolver: direct,
    tlsOptions: { database: new TlsDatabase([authority.certificatePem]) },
    ...options,
  })
}

/** What an event's connection is: nothing, the host it is to, or TLS; '?' while it is not connected. */
function describeConnection(connection: SocketClientEventConnection | null): string {
  if (connection === null) return '-'
  if (connection instanceof TlsClientConnection) return 'tls'
  const host = connection.remoteAddress.toString().replace(/:\d+$/, '')
  return connection.isConnected ? host : `${host}?`
}

function eventsOf(client: SlowClient): string[] {
  const events: string[] = []
  client.on('event', (event, _, connection) => {
    events.push(`${socketClientEventName(event)} ${describeConnection(connection)}`)
  })
  return events
}

const before = ['RESOLVING -', 'RESOLVED -']
const toPlain = [`CONNECTING ${PLAIN}?`, `CONNECTED ${PLAIN}`]
const proxied = [`PROXY_NEGOTIATING ${PLAIN}`, `PROXY_NEGOTIATED ${PLAIN}`]
const secured = ['TLS_HANDSHAKING tls', 'TLS_HANDSHAKED tls']
const done = [`COMPLETE ${PLAIN}`]
const failed = ['COMPLETE -']

describe('the events of a connection, in order', () => {
  it.each([
    ['to a name', 'h.example', direct, toPlain],
    ['to an IP address', PLAIN, direct, toPlain],
    ['refused, then to another address', 'refused-first.example', direct, [`CONNECTING ${REFUSING}?`, ...toPlain]],
    ['never answered, then to another address', 'hole-first.example', direct, [`CONNECTING ${HOLE}?`, ...toPlain]],
    ['through a proxy', 'h.example', () => through(proxy), [...toPlain, ...proxied]],
    [
      'through a proxy that refuses, then another',
      'h.example',
      () => through(refusingProxy, proxy),
      [...toPlain, `PROXY_NEGOTIATING ${PLAIN}`, ...toPlain, ...proxied],
    ],
    [
      'directly when the proxy refuses, and only because the resolver says so',
      'h.example',
      () => through(refusingProxy, 'direct'),
      [...toPlain, `PROXY_NEGOTIATING ${PLAIN}`, ...toPlain],
    ],
  ] as const)('%s', async (_, host, resolver, expected) => {
    for (const tls of [false, true]) {
      if (tls && host !== 'h.example') continue // the certificate is for this name
      const proxyResolver = typeof resolver === 'function' ? resolver() : resolver
      const client = clientFor({ tls, proxyResolver })
      const events = eventsOf(client)
      const connection = await client.connectToHost(host, tls ? secure.port : plain.port)
      expect(events).toEqual([...before, ...expected, ...(tls ? secured : []), ...done])
      expect(String((await once(connection.ioStream, 'data'))[0])).toBe(tls ? 'secure' : 'plain')
      await connection.close()
    }
  })

  it.each([
    ['every address refuses', 'refusing.example', direct, [`CONNECTING ${REFUSING}?`], 'CONNECTION_REFUSED'],
    [
      'the proxy refuses',
      'h.example',
      () => through(refusingProxy),
      [...toPlain, `PROXY_NEGOTIATING ${PLAIN}`],
      'PROXY_NOT_ALLOWED',
    ],
  ] as const)('when %s', async (_, host, resolver, expected, code) => {
    const proxyResolver = typeof resolver === 'function' ? resolver() : resolver
    const client = clientFor({ proxyResolver })
    const events = eventsOf(client)
    await expect(client.connectToHost(host, plain.port)).rejects.toMatchObject({ code })
    expect(events).toEqual([...before, ...expected, ...failed])
  })

  it('when the proxy says nothing', async () => {
    const client = clientFor({ proxyResolver: through(silentProxy), timeout: 60 })
    const events = eventsOf(client)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    client.on('event', (event) => {
      if (event === SocketClientEvent.PROXY_NEGOTIATING) setImmediate(() => vi.advanceTimersByTime(60_000))
    })
    try {
      await expect(client.connectToHost('h.example', plain.port)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    } finally {
      vi.useRealTimers()
    }
    expect(events).toEqual([...before, ...toPlain, `PROXY_NEGOTIATING ${PLAIN}`, ...failed])
  })

  it('when the name does not exist', async () => {
    const client = clientFor({})
    const events = eventsOf(client)
    await expect(client.connectToHost('nowhere.example', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(events).toEqual(['RESOLVING -', ...failed])
  })

  it('when the certificate is for somebody else', async () => {
    const client = clientFor({ tls: true })
    const events = eventsOf(client)
    await expect(client.connectToHost(PLAIN, secure.port)).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })
    expect(events).toEqual([...before, ...toPlain, 'TLS_HANDSHAKING tls', ...failed])
  })
})

describe('connectToService', () => {
  /** Every service of every domain is on one host. */
  class ServiceResolver extends FakeResolver {
    readonly questions: string[] = []

    protected override resolveRecords<Type extends ResolverRecordType>(
      name: string,
    ): Promise<readonly ResolverRecords[Type][]> {
      this.questions.push(name)
      const records: SrvRecord[] = [{ priority: 0, weight: 0, port: secure.port, hostname: 'host.example' }]
      return Promise.resolve(records as readonly SrvRecord[] as readonly ResolverRecords[Type][])
    }
  }

  it('goes to the host of the service, and wants a certificate for its domain', async () => {
    const resolver = new ServiceResolver({ 'host.example': [PLAIN] })
    const client = clientFor({ resolver, tls: true })
    const events = eventsOf(client)
    const connection = await client.connectToService('h.example', 'imaps')
    expect(String((await once(connection.ioStream, 'data'))[0])).toBe('secure')
    expect(resolver.questions).toEqual(['_imaps._tcp.h.example'])
    expect(events).toEqual([...before, ...toPlain, ...secured, ...done])
    await connection.close()
    await expect(client.connectToService('other.example', 'imaps')).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })
  })
})

describe('cancelled in the very event, through a proxy and with TLS', () => {
  const { RESOLVING, RESOLVED, CONNECTING, CONNECTED, PROXY_NEGOTIATING, PROXY_NEGOTIATED } = SocketClientEvent
  const { TLS_HANDSHAKING, TLS_HANDSHAKED } = SocketClientEvent
  const all = [...before, ...toPlain, ...proxied, ...secured]
  it.each(
    [
      RESOLVING,
      RESOLVED,
      CONNECTING,
      CONNECTED,
      PROXY_NEGOTIATING,
      PROXY_NEGOTIATED,
      TLS_HANDSHAKING,
      TLS_HANDSHAKED,
    ].map((event) => [socketClientEventName(event), event] as const),
  )('%s ends it there, leaving no socket and no timer', async (_, at) => {
    const abort = new AbortController()
    const client = clientFor({
      tls: true,
      proxyResolver: new SimpleProxyResolver(`http://${PLAIN}:${proxy.port}`),
      timeout: 60,
    })
    const events = eventsOf(client)
    const seen = new Set<SocketConnection>()
    client.on('event', (event, _connectable, connection) => {
      if (connection instanceof SocketConnection) seen.add(connection)
      if (event === at) abort.abort('why')
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const connecting = client.connect(new NetworkAddress('h.example', secure.port), { signal: abort.signal })
      await expect(connecting).rejects.toMatchObject({ domain: 'g-io-error-quark', code: 'CANCELLED', cause: 'why' })
      expect(events).toEqual([...all.slice(0, at + 1), ...failed])
      expect([...seen].map((connection) => connection.isClosed)).toEqual([...seen].map(() => true))
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
