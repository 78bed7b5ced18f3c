import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { CertificateAuthority, connectedSockets, withRawServer } from '@wpe-networking/test-support'
import {
  IOError,
  getDefaultTlsBackend,
  loadTlsBackend,
  NetworkAddress,
  setDefaultTlsBackend,
  SocketClient,
  SocketClientEvent,
  socketClientEventName,
  SocketConnection,
  SocketListener,
  TlsBackend,
  TlsCertificate,
  TlsCertificateFlags,
  TlsClientConnection,
  TlsDatabase,
  TlsProtocolVersion,
  TlsServerConnection,
} from '@wpe-networking/glib-gio'
import type { TlsBackendName, TlsClientConnectionProperties } from '@wpe-networking/glib-gio'
import { FakeResolver } from '../resolver/fake-resolver.ts'

let database: TlsDatabase
let certificate: TlsCertificate

beforeAll(async () => {
  const authority = await CertificateAuthority.create()
  const issued = await authority.issue({ dnsNames: ['localhost'] })
  database = new TlsDatabase([authority.certificatePem])
  certificate = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
})

afterEach(() => {
  setDefaultTlsBackend(null)
  TlsBackend.setDefaultDatabase(null)
  vi.unstubAllEnvs()
})

/** A client and a server over one connection, the handshake not begun. */
async function pair(
  backend: TlsBackendName | undefined,
  properties: Partial<TlsClientConnectionProperties> = {},
): Promise<{ client: TlsClientConnection; server: TlsServerConnection }> {
  const sockets = await connectedSockets()
  return {
    client: TlsClientConnection.create(sockets.client, {
      serverIdentity: 'localhost',
      database,
      backend,
      ...properties,
    }),
    server: TlsServerConnection.create(sockets.server, {
      certificate,
      backend,
      advertisedProtocols: ['h2', 'http/1.1'],
    }),
  }
}

const names: TlsBackendName[] = ['openssl', 'gnutls']
const loadable = await Promise.all(
  names.map((name) =>
    loadTlsBackend(name).then(
      () => true,
      () => false, // libgnutls is not on this machine: its own package tests say so
    ),
  ),
)

for (const [index, backend] of names.entries())
  describe.skipIf(!loadable[index])(`over ${backend}`, () => {
    it('client and server agree, and say on what', async () => {
      const { client, server } = await pair(backend, { advertisedProtocols: ['http/1.1'] })
      expect(client).toMatchObject({
        protocolVersion: TlsProtocolVersion.UNKNOWN,
        peerCertificate: null,
        backendName: null,
      })
      expect(() => client.ioStream).toThrow(expect.objectContaining({ code: 'NOT_INITIALIZED' }))

      await Promise.all([client.handshake(), server.handshake()])
      expect(client).toMatchObject({
        protocolVersion: TlsProtocolVersion.TLS_1_3,
        negotiatedProtocol: 'http/1.1',
        peerCertificateErrors: 0,
        resumed: false,
        backendName: backend,
      })
      expect(client.ciphersuiteName).toMatch(/^TLS_/)
      expect(client.peerCertificate?.isSame(certificate)).toBe(true)
      expect(server.negotiatedProtocol).toBe('http/1.1')
      expect(server.peerCertificate).toBeNull()

      client.ioStream.write('ping')
      expect(String((await once(server.ioStream, 'data'))[0])).toBe('ping')
      await Promise.all([client.close(), server.close()])
    })

    it('asks about a certificate that fails, by property or by signal', async () => {
      for (const how of ['property', 'signal'] as const) {
        const asked: number[] = []
        const { client, server } = await pair(backend, {
          serverIdentity: 'other.example',
          ...(how === 'property' && {
            acceptCertificate: (_: TlsCertificate, errors: number) => asked.push(errors) > 0,
          }),
        })
        client.on('accept-certificate', (_, errors, accept) => {
          if (how === 'property') return
          asked.push(errors)
          accept()
        })
        await Promise.all([client.handshake(), server.handshake()])
        expect(asked).toEqual([TlsCertificateFlags.BAD_IDENTITY])
        expect(client.peerCertificateErrors).toBe(TlsCertificateFlags.BAD_IDENTITY)
        await Promise.all([client.close(), server.close()])
      }
    })

    it('that breaks while nobody uses it does not end the process', async () => {
      const { client, server } = await pair(backend)
      await Promise.all([client.handshake(), server.handshake()])
      const ended = [client, server].map(
        ({ ioStream }) => new Promise((resolve) => ioStream.once('close', () => resolve(ioStream.errored))),
      )
      server.baseIoStream.destroy() // without close_notify
      expect((await Promise.all(ended))[0]).toMatchObject({ domain: 'g-tls-error-quark', code: 'EOF' })
    })

    it('refuses a certificate nobody accepts, and closes the stream below', async () => {
      const { client, server } = await pair(backend, { database: new TlsDatabase([]) })
      const serverDone = server.handshake().catch(() => undefined)
      await expect(client.handshake()).rejects.toMatchObject({
        domain: 'g-tls-error-quark',
        code: 'BAD_CERTIFICATE',
        flags: TlsCertificateFlags.UNKNOWN_CA,
      })
      expect(client.baseIoStream.destroyed).toBe(true)
      await expect(client.handshake()).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' }) // the same answer again
      await serverDone
      await server.close()
    })

    it('is chosen by GIO_USE_TLS', async () => {
      vi.stubEnv('GIO_USE_TLS', backend)
      const { client, server } = await pair(undefined)
      await Promise.all([client.handshake(), server.handshake()])
      expect([client.backendName, server.backendName]).toEqual([backend, backend])
      await Promise.all([client.close(), server.close()])
    })

    it('stops a handshake that is aborted', async () => {
      await withRawServer(
        () => undefined,
        async ({ port }) => {
          const connection = await new SocketClient().connectToHost('127.0.0.1', port)
          const client = TlsClientConnection.create(connection.ioStream, {
            serverIdentity: 'localhost',
            database,
            backend,
          })
          const abort = new AbortController()
          const failing = expect(client.handshake({ signal: abort.signal })).rejects.toMatchObject({
            domain: 'g-io-error-quark',
            code: 'CANCELLED',
          })
          setImmediate(() => abort.abort())
          await failing
          expect(connection.isClosed).toBe(true)
        },
      )
    })
  })

describe('the front', () => {
  it('adds no stream of its own: openssl gives the TLSSocket over the very socket', async () => {
    const { client, server } = await pair('openssl')
    await Promise.all([client.handshake(), server.handshake()])
    expect(client.ioStream).toBeInstanceOf(TLSSocket)
    await Promise.all([client.close(), server.close()])
  })

  it('a handshake works on a connection that has waited in a queue with data', async () => {
    const listener = new SocketListener()
    const port = await listener.addAnyInetPort()
    const connection = await new SocketClient().connectToHost('127.0.0.1', port)
    const client = TlsClientConnection.create(connection.ioStream, { serverIdentity: 'localhost', database })
    const clientDone = client.handshake()
    const accepted = await listener.accept()
    if (accepted.ioStream.readableLength === 0) await once(accepted.ioStream, 'readable')
    const server = TlsServerConnection.create(accepted.ioStream, { certificate })
    await Promise.all([clientDone, server.handshake()])
    await Promise.all([client.close(), server.close()])
    listener.close()
  })

  it('passes a peer that hangs up on as an error of the stream or of TLS', async () => {
    await withRawServer(
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      async ({ port }) => {
        const connection = await new SocketClient().connectToHost('127.0.0.1', port)
        const client = TlsClientConnection.create(connection.ioStream, { serverIdentity: 'h.example', database })
        await expect(client.handshake()).rejects.toSatisfy(
          (error) => error instanceof IOError || (error as { domain?: string }).domain === 'g-tls-error-quark',
        )
      },
    )
  })

  it('trusts the default database when given none', async () => {
    TlsBackend.setDefaultDatabase(database)
    const { client, server } = await pair('openssl', { database: undefined })
    await Promise.all([client.handshake(), server.handshake()])
    await Promise.all([client.close(), server.close()])
    TlsBackend.setDefaultDatabase(null)
    expect(TlsBackend.getDefaultDatabase()).toBe(TlsDatabase.getDefault())
  })
})

describe('choosing a backend', () => {
  it('takes openssl, or what GIO_USE_TLS says, or what was set', async () => {
    vi.stubEnv('GIO_USE_TLS', '')
    expect((await getDefaultTlsBackend()).name).toBe('openssl')
    expect(await TlsBackend.supportsTls()).toBe(true)
    vi.stubEnv('GIO_USE_TLS', 'nonesuch')
    await expect(TlsBackend.getDefault()).rejects.toMatchObject({
      domain: 'g-tls-error-quark',
      code: 'UNAVAILABLE',
      message: 'There is no TLS backend called "nonesuch".',
    })
    expect(await TlsBackend.supportsTls()).toBe(false)
    TlsBackend.setDefault('openssl')
    expect((await getDefaultTlsBackend()).name).toBe('openssl')
    const own = { ...(await loadTlsBackend('openssl')), name: 'own' }
    setDefaultTlsBackend(own)
    expect(await getDefaultTlsBackend()).toBe(own)
  })

  it('loads each backend once', async () => {
    expect(await loadTlsBackend('openssl')).toBe(await loadTlsBackend('openssl'))
  })

  it('says when the package of a backend is not installed', async () => {
    const program = `
      import { registerHooks } from 'node:module'
      import { loadTlsBackend } from '@wpe-networking/glib-gio'
      registerHooks({
        resolve(name, context, next) {
          if (!name.endsWith('/glib-networking-gnutls')) return next(name, context)
          const text = "Cannot find package '" + name + "' imported from " + context.parentURL
          throw Object.assign(new Error(text), { code: 'ERR_MODULE_NOT_FOUND' })
        },
      })
      await loadTlsBackend('gnutls').catch(({ code, message }) => console.log(JSON.stringify({ code, message })))`
    const hooks = fileURLToPath(new URL('../namespace/use-sources.ts', import.meta.url))
    const args = ['--import', hooks, '--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 10_000 })
    expect(JSON.parse(stdout)).toEqual({
      code: 'UNAVAILABLE',
      message: 'The TLS backend "gnutls" needs the package @wpe-networking/glib-networking-gnutls.',
    })
  })

  it('fails the handshake when the backend is not there', async () => {
    const { client, server } = await pair('nonesuch\n' as TlsBackendName)
    await expect(client.handshake()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'There is no TLS backend called "nonesuch?".',
    })
    server.baseIoStream.destroy()
  })
})

describe('SocketClient with tls', () => {
  async function serve(use: (port: number) => Promise<void>): Promise<void> {
    await withRawServer(
      (socket) => {
        const server = TlsServerConnection.create(socket, { certificate })
        server.handshake().then(
          () => server.ioStream.end('secret'),
          () => undefined,
        )
      },
      ({ port }) => use(port),
    )
  }

  it('does the handshake, lets the connection be prepared, and gives the decrypted stream', async () => {
    await serve(async (port) => {
      const client = new SocketClient({ tls: true })
      const events: string[] = []
      client.on('event', (event, _, connection) => {
        events.push(socketClientEventName(event))
        if (event === SocketClientEvent.TLS_HANDSHAKING && connection instanceof TlsClientConnection) {
          expect(connection.serverIdentity).toBe('localhost')
          connection.database = database
        }
      })
      const connection = await client.connect(new NetworkAddress('localhost', port))
      expect(events.slice(-4)).toEqual(['CONNECTED', 'TLS_HANDSHAKING', 'TLS_HANDSHAKED', 'COMPLETE'])
      expect(String((await once(connection.ioStream, 'data'))[0])).toBe('secret')
      expect(connection.localAddress).not.toBeNull()
      await connection.close()
    })
  })

  it('tells of the bad certificate, not of the address that refused after it', async () => {
    await serve(async (port) => {
      const client = new SocketClient({
        resolver: new FakeResolver({ 'h.example': ['127.0.0.1', '127.0.0.2'] }),
        tls: true,
        tlsOptions: { database: new TlsDatabase([]) },
      })
      const tried: string[] = []
      client.on('event', (event, _, connection) => {
        if (event === SocketClientEvent.CONNECTING && connection instanceof SocketConnection) {
          tried.push(connection.remoteAddress.toString())
        }
      })
      await expect(client.connectToHost('h.example', port)).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })
      expect(tried).toEqual([`127.0.0.1:${port}`, `127.0.0.2:${port}`])
    })
  })

  it('gives a silent server as long as the timeout says', async () => {
    await withRawServer(
      () => undefined,
      async ({ port }) => {
        const client = new SocketClient({ tls: true, timeout: 60 })
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
        client.on('event', (event) => {
          if (event === SocketClientEvent.TLS_HANDSHAKING) setImmediate(() => vi.advanceTimersByTime(60_000))
        })
        try {
          await expect(client.connectToHost('127.0.0.1', port)).rejects.toMatchObject({
            code: 'TIMED_OUT',
            message: `The TLS handshake with 127.0.0.1:${port} took too long.`,
          })
        } finally {
          vi.useRealTimers()
        }
      },
    )
  })
})
