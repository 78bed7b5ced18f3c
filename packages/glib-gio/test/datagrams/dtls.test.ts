// TLS over real UDP: a client, a relay that loses what the test says, and a port with the exchange of cookies.
import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { EventEmitter, on, once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  CertificateAuthority,
  withDatagramRelay,
  type DatagramFate,
  type DecideFate,
} from '@wpe-networking/test-support'
import {
  DatagramSocket,
  DtlsClientConnection,
  DtlsListener,
  DtlsServerConnection,
  InetAddress,
  InetSocketAddress,
  loadTlsBackend,
  SocketFamily,
  TlsAuthenticationMode,
  TlsCertificate,
  TlsCertificateFlags,
  TlsChannelBindingType,
  TlsDatabase,
  TlsProtocolVersion,
  type DtlsClientConnectionProperties,
  type DtlsServerConnectionProperties,
} from '../../src/index.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** Short, so that what is lost is soon sent again. */
const RETRANSMISSION_MS = 50

const loopback = (port: number): InetSocketAddress =>
  new InetSocketAddress(InetAddress.loopback(SocketFamily.IPV4), port)

let authority: CertificateAuthority
let database: TlsDatabase
let certificate: TlsCertificate
/** What a test opened, to be closed after it. */
let opened: { close(): void }[] = []

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  database = new TlsDatabase([authority.certificatePem])
  certificate = await issue()
})

beforeEach(async () => expect(await handles()).toMatchObject({ sessions: 0 }))

afterEach(async () => {
  for (const one of opened.reverse()) one.close()
  opened = []
  expect(await handles()).toMatchObject({ sessions: 0 })
})

async function issue(): Promise<TlsCertificate> {
  const issued = await authority.issue()
  return TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
}

/** Handles of the library that are alive. */
async function handles(): Promise<object> {
  const backend = (await loadTlsBackend('gnutls')) as unknown as { readonly handles: object }
  return backend.handles
}

/** A port whose clients are answered by `serve`. */
async function listen(
  serve: (connection: DtlsServerConnection) => void,
  properties: Partial<DtlsServerConnectionProperties> = {},
): Promise<DtlsListener> {
  const { dtls } = await loadTlsBackend('gnutls')
  if (!dtls) throw new Error('GnuTLS has DTLS.')
  const listener = await DtlsListener.listen(loopback(0), dtls.createCookieExchange())
  opened.push(listener)
  listener.on('incoming', (datagrams, cookie) => {
    const connection = DtlsServerConnection.create(datagrams, {
      certificate,
      backend: 'gnutls',
      cookie,
      retransmissionTimeoutMs: RETRANSMISSION_MS,
      ...properties,
    })
    opened.push(connection)
    connection.handshake().then(
      () => serve(connection),
      () => undefined, // What is expected of a handshake, the client's end tells.
    )
  })
  return listener
}

async function client(
  port: number,
  properties: Partial<DtlsClientConnectionProperties> = {},
): Promise<DtlsClientConnection> {
  const connection = DtlsClientConnection.create(await DatagramSocket.connect(loopback(port)), {
    serverIdentity: 'localhost',
    database,
    backend: 'gnutls',
    retransmissionTimeoutMs: RETRANSMISSION_MS,
    ...properties,
  })
  opened.push(connection)
  return connection
}

function echo(connection: DtlsServerConnection): void {
  connection.receive({
    onDatagram: (message) => connection.send(message),
    onError: () => undefined,
    onClose: () => undefined,
  })
}

/** The messages of a connection, one at a time, and its end as null. */
function messagesOf(connection: DtlsClientConnection | DtlsServerConnection): () => Promise<string | Error | null> {
  const events = new EventEmitter()
  connection.receive({
    onDatagram: (message) => events.emit('message', message.toString()),
    onError: (error) => events.emit('message', error),
    onClose: () => events.emit('message', null),
  })
  const iterator = on(events, 'message')
  return async () => {
    const { value } = (await iterator.next()) as { value: [string | Error | null] }
    return value[0]
  }
}

it('carries messages both ways, each whole', async () => {
  const { localAddress } = await listen(echo)
  const connection = await client(localAddress.port)
  await connection.handshake()
  expect(connection.protocolVersion).toBe(TlsProtocolVersion.DTLS_1_2)
  expect(connection.ciphersuiteName).toMatch(/^TLS_/)
  expect(connection.peerCertificate?.isSame(certificate)).toBe(true)
  const next = messagesOf(connection)
  connection.send(Buffer.from('one'))
  expect(await next()).toBe('one')
  connection.send(Buffer.from('two'))
  expect(await next()).toBe('two')
})

it('gives the same channel bindings at both ends', async () => {
  const accepted = Promise.withResolvers<DtlsServerConnection>()
  const { localAddress } = await listen(accepted.resolve)
  const connection = await client(localAddress.port)
  const [server] = await Promise.all([accepted.promise, connection.handshake()])
  for (const type of [TlsChannelBindingType.TLS_UNIQUE, TlsChannelBindingType.TLS_SERVER_END_POINT]) {
    expect(connection.getChannelBindingData(type).equals(server.getChannelBindingData(type))).toBe(true)
  }
})

describe('a network that is not to be relied on', () => {
  // A handshake with cookies is three flights of a client and three of a server, in some ten datagrams.
  const nth = (wanted: number, fate: DatagramFate): DecideFate => {
    return (_, index) => (index === wanted ? fate : 'pass')
  }
  it.each([0, 1, 2, 3, 4, 5])('gets over the loss of datagram %i of either side', async (lost) => {
    await exchangeOver(nth(lost, 'drop'))
  })
  it.each([0, 1, 2, 3])('gets over datagram %i coming twice', async (doubled) => {
    await exchangeOver(nth(doubled, 'double'))
  })
  it.each([1, 2, 3])('gets over datagram %i coming after the next', async (late) => {
    await exchangeOver(nth(late, 'hold'))
  })
  it('gets over the loss of every third datagram of the handshake', async () => {
    await exchangeOver((_, index) => (index % 3 === 1 && index < 12 ? 'drop' : 'pass'))
  })

  /** A handshake and one message there and back; the message is sent again until it is answered, as UDP users do. */
  async function exchangeOver(decide: DecideFate): Promise<void> {
    const { localAddress } = await listen(echo)
    await withDatagramRelay(localAddress.port, decide, async (relay) => {
      const connection = await client(relay.port)
      await connection.handshake()
      const next = messagesOf(connection)
      const again = setInterval(() => connection.send(Buffer.from('hello')), RETRANSMISSION_MS)
      try {
        connection.send(Buffer.from('hello'))
        expect(await next()).toBe('hello')
      } finally {
        clearInterval(again)
      }
    })
  }

  it('gives up when nothing ever comes back', async () => {
    const { localAddress } = await listen(echo)
    const lose: DecideFate = () => 'drop'
    await withDatagramRelay(localAddress.port, lose, async (relay) => {
      const connection = await client(relay.port, { handshakeTimeoutMs: 6 * RETRANSMISSION_MS })
      await expect(connection.handshake()).rejects.toMatchObject({ domain: 'g-tls-error-quark', code: 'HANDSHAKE' })
      expect(relay.counts['to-server']).toBeGreaterThan(1)
    })
  })

  it('says when nobody listens at the port', async () => {
    const port = await freePort()
    const connection = await client(port)
    await expect(connection.handshake()).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
  })

  it('sends nothing larger than its MTU', async () => {
    const mtu = 300
    const sizes: number[] = []
    const note: DecideFate = (_, __, datagram) => {
      sizes.push(datagram.length)
      return 'pass'
    }
    const { localAddress } = await listen(echo, { mtu })
    await withDatagramRelay(localAddress.port, note, async (relay) => {
      const connection = await client(relay.port, { mtu })
      await connection.handshake()
      const largest = Buffer.alloc(connection.maximumMessageBytes, 'x')
      const next = messagesOf(connection)
      connection.send(largest)
      expect(await next()).toBe(largest.toString())
      expect(Math.max(...sizes)).toBeLessThanOrEqual(mtu)
      expect(() => connection.send(Buffer.alloc(largest.length + 1))).toThrow(
        expect.objectContaining({ domain: 'g-io-error-quark', code: 'MESSAGE_TOO_LARGE' }),
      )
    })
  })

  it('takes no notice of datagrams that are none of the peer', async () => {
    const { localAddress } = await listen(echo)
    const connection = await client(localAddress.port)
    await connection.handshake()
    const socket = connection.baseSocket as DatagramSocket
    const forge = (datagram: Buffer): void => socket.send(datagram)
    const next = messagesOf(connection)
    forge(Buffer.from('not a record'))
    forge(Buffer.alloc(1200, 23))
    forge(Buffer.from([23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 99, 0, 4, 1, 2, 3, 4]))
    connection.send(Buffer.from('still there'))
    expect(await next()).toBe('still there')
  })
})

describe('certificates', () => {
  it('refuses a server that is not who it should be', async () => {
    const { localAddress } = await listen(echo)
    const connection = await client(localAddress.port, { serverIdentity: 'elsewhere.test' })
    const flags = TlsCertificateFlags.BAD_IDENTITY
    await expect(connection.handshake()).rejects.toMatchObject({ code: 'BAD_CERTIFICATE', flags })
  })

  it('lets such a server pass when told to', async () => {
    const { localAddress } = await listen(echo)
    const connection = await client(localAddress.port, { serverIdentity: 'elsewhere.test' })
    connection.on('accept-certificate', (_certificate, _errors, accept) => accept())
    await connection.handshake()
    expect(connection.peerCertificateErrors).toBe(TlsCertificateFlags.BAD_IDENTITY)
  })

  it('shows the client its certificate to a server that requires one', async () => {
    const accepted = Promise.withResolvers<DtlsServerConnection>()
    const authenticationMode = TlsAuthenticationMode.REQUIRED
    const { localAddress } = await listen(accepted.resolve, { authenticationMode, database })
    const own = await issue()
    const connection = await client(localAddress.port, { certificate: own })
    const [server] = await Promise.all([accepted.promise, connection.handshake()])
    expect(server.peerCertificate?.isSame(own)).toBe(true)
  })

  it('refuses a client without the certificate it requires', async () => {
    const authenticationMode = TlsAuthenticationMode.REQUIRED
    const { localAddress } = await listen(echo, { authenticationMode, database })
    const connection = await client(localAddress.port)
    await expect(connection.handshake()).rejects.toMatchObject({ domain: 'g-tls-error-quark' })
  })
})

describe.skipIf(!hasOpenssl)('OpenSSL', () => {
  it('answers as a server', async () => {
    const server = await startOpensslServer()
    const connection = await client(server.port)
    await connection.handshake()
    const next = messagesOf(connection)
    server.say('good evening\n')
    expect(await next()).toBe('good evening\n')
    connection.send(Buffer.from('hello\n'))
    await server.printed('hello')
    connection.close()
    await server.close()
  })

  it('is answered as a client, after it has shown its cookie', async () => {
    const accepted = Promise.withResolvers<DtlsServerConnection>()
    const { localAddress } = await listen(accepted.resolve)
    const process = spawn('openssl', ['s_client', '-dtls1_2', '-connect', localAddress.toString(), '-quiet'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const next = messagesOf(await accepted.promise)
    process.stdin.write('hello\n')
    expect(await next()).toBe('hello\n')
    ;(await accepted.promise).send(Buffer.from('good evening'))
    const [answer] = (await once(process.stdout, 'data')) as [Buffer]
    expect(answer.toString()).toBe('good evening')
    process.kill()
    await once(process, 'close')
  })
})

interface OpensslServer {
  readonly port: number
  say: (text: string) => void
  /** Resolves once a line begins with `text`. */
  printed: (text: string) => Promise<void>
  close: () => Promise<void>
}

/** `openssl s_server` on a free UDP port: sends what it is told to say, prints what it gets. */
async function startOpensslServer(): Promise<OpensslServer> {
  const directory = await mkdtemp(join(tmpdir(), 'dtls-'))
  const issued = await authority.issue()
  const file = join(directory, 'server.pem')
  await writeFile(file, issued.chainPem + issued.privateKeyPem)
  const port = await freePort()
  const server = spawn('openssl', ['s_server', '-dtls1_2', '-accept', `127.0.0.1:${port}`, '-cert', file], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]()
  const printed = async (text: string): Promise<void> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`OpenSSL ended before it printed "${text}".`)
      if (value.startsWith(text)) return
    }
  }
  await printed('ACCEPT')
  return {
    port,
    say: (text) => void server.stdin.write(text),
    printed,
    close: async () => {
      server.kill()
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
      await rm(directory, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createSocket('udp4').bind(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  return port
}

describe('the end', () => {
  it('is told to the peer, and closes what is below', async () => {
    const accepted = Promise.withResolvers<DtlsServerConnection>()
    const listener = await listen(accepted.resolve)
    const connection = await client(listener.localAddress.port)
    const [server] = await Promise.all([accepted.promise, connection.handshake()])
    const next = messagesOf(server)
    connection.close()
    connection.close()
    expect(await next()).toBeNull()
    expect(listener.clients).toBe(0)
  })

  it('comes at once when the handshake is aborted', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1')
    await once(silent, 'listening')
    const connection = await client(silent.address().port)
    const controller = new AbortController()
    silent.once('message', () => controller.abort())
    await expect(connection.handshake({ signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    await new Promise<void>((resolve) => silent.close(() => resolve()))
  })
})

describe('strangers', () => {
  it('cost nothing before they have shown that their address is theirs', async () => {
    const listener = await listen(echo)
    const stranger = createSocket('udp4')
    stranger.connect(listener.localAddress.port, '127.0.0.1')
    await once(stranger, 'connect')
    stranger.send('garbage')
    stranger.send(CLIENT_HELLO)
    const [cookieRequest] = (await once(stranger, 'message')) as [Buffer]
    expect(cookieRequest.length).toBeLessThan(CLIENT_HELLO.length)
    expect(cookieRequest[13]).toBe(3) // HelloVerifyRequest
    expect(listener.clients).toBe(0)
    await new Promise<void>((resolve) => stranger.close(() => resolve()))
  })

  it('get no answer beyond as many clients as there may be', async () => {
    const { dtls } = await loadTlsBackend('gnutls')
    const cookies = dtls?.createCookieExchange()
    if (!cookies) throw new Error('GnuTLS has DTLS.')
    const listener = await DtlsListener.listen(loopback(0), cookies, { maximumClients: 0 })
    opened.push(listener)
    const connection = await client(listener.localAddress.port, { handshakeTimeoutMs: 3 * RETRANSMISSION_MS })
    await expect(connection.handshake()).rejects.toMatchObject({ code: 'HANDSHAKE' })
  })

  it('are forgotten again when nobody takes them', async () => {
    const { dtls } = await loadTlsBackend('gnutls')
    const cookies = dtls?.createCookieExchange()
    if (!cookies) throw new Error('GnuTLS has DTLS.')
    const listener = await DtlsListener.listen(loopback(0), cookies)
    opened.push(listener)
    const connection = await client(listener.localAddress.port, { handshakeTimeoutMs: 3 * RETRANSMISSION_MS })
    await expect(connection.handshake()).rejects.toMatchObject({ code: 'HANDSHAKE' })
    expect(listener.clients).toBe(0)
  })
})

/** A DTLS 1.2 ClientHello without a cookie, RFC 6347 section 4.2.1: header, random, three cipher suites, no extension. */
const CLIENT_HELLO = Buffer.concat([
  Buffer.from([22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 60]), // record
  Buffer.from([1, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0, 48]), // handshake message
  Buffer.from([254, 253]),
  Buffer.alloc(32, 7), // random
  Buffer.from([0, 0, 0, 6, 0xc0, 0x2b, 0xc0, 0x2f, 0x00, 0x9c, 1, 0, 0, 0]),
])
