// Versions, ciphers, ALPN and SNI: what a handshake agrees on. RFC 8446, RFC 5246, RFC 7301, RFC 6066 section 3.
import { once } from 'node:events'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { beforeAll, expect, it } from 'vitest'
import { withConnectedSockets, withRawTlsServer, type IssuedCertificate } from '@wpe-networking/test-support'
import {
  TlsCertificate,
  TlsProtocolVersion,
  type LoadTlsBackend,
  type TlsClientConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { ownCertificate, withPair } from './pair.ts'
import { connectClient, connectNodeClient, createTrust, firstText, rejection, type Trust } from './peers.ts'

export function describeHandshake(load: LoadTlsBackend): void {
  let trust: Trust
  let certificate: IssuedCertificate

  beforeAll(async () => {
    trust = await createTrust()
    certificate = await trust.authority.issue()
  })

  const client = (options: Partial<TlsClientConnectionOptions> = {}): TlsClientConnectionOptions => ({
    serverIdentity: 'localhost',
    database: trust.database,
    ...options,
  })
  const serverWith = (tls: TlsOptions): { certificate: IssuedCertificate; tls: TlsOptions } => ({ certificate, tls })
  const echo = (socket: TLSSocket): void => void socket.pipe(socket)

  it('names itself and the version of its library', () => {
    expect(load().name).toMatch(/^[a-z]+$/)
    expect(load().version).toMatch(/^\d+\.\d+/)
  })

  it.each([
    ['TLSv1.2', TlsProtocolVersion.TLS_1_2],
    ['TLSv1.3', TlsProtocolVersion.TLS_1_3],
  ] as const)('echoes over a verified %s connection and reports it', async (version, expected) => {
    await withRawTlsServer(echo, serverWith({ minVersion: version, maxVersion: version }), async (server) => {
      const { result, stream } = await connectClient(load, server, client())
      stream.write('ping')
      expect(await firstText(stream)).toBe('ping')
      expect(result.protocolVersion).toBe(expected)
      expect(result.ciphersuiteName).toMatch(/^TLS_[A-Z0-9_]+$/)
      expect(result.peerCertificate?.isSame(TlsCertificate.fromPem(certificate.certificatePem))).toBe(true)
      expect(result.peerCertificateErrors).toBe(0)
      expect(result.resumed).toBe(false)
      stream.destroy()
    })
  })

  it('gives the same result when the handshake is asked for twice', async () => {
    await withConnectedSockets(async (sockets) => {
      const own = TlsCertificate.fromPem(certificate.chainPem, { privateKeyPem: certificate.privateKeyPem })
      const server = load().createServerConnection(sockets.server, { certificate: own })
      const connection = load().createClientConnection(sockets.client, client())
      const [first, second] = await Promise.all([connection.handshake(), connection.handshake(), server.handshake()])
      expect(second).toBe(first)
      connection.stream.destroy()
      server.stream.destroy()
    })
  })

  it('serves a node:tls client and reports the connection', async () => {
    await withConnectedSockets(async (sockets) => {
      const own = TlsCertificate.fromPem(certificate.chainPem, { privateKeyPem: certificate.privateKeyPem })
      const connection = load().createServerConnection(sockets.server, { certificate: own })
      const [peer, result] = await Promise.all([
        connectNodeClient(sockets.client, { ca: trust.authority.certificatePem }),
        connection.handshake(),
      ])
      connection.stream.write('welcome')
      expect(await firstText(peer)).toBe('welcome')
      expect(result.protocolVersion).toBe(TlsProtocolVersion.TLS_1_3)
      expect(result.ciphersuiteName).toBe(peer.getCipher().standardName)
      expect(result.peerCertificate).toBeNull()
      peer.destroy()
      connection.stream.destroy()
    })
  })

  it('sends the chain of intermediates as a server', async () => {
    const issued = await (await trust.authority.createIntermediate()).issue()
    const own = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
    await withConnectedSockets(async (sockets) => {
      const connection = load().createServerConnection(sockets.server, { certificate: own })
      const [peer] = await Promise.all([
        connectNodeClient(sockets.client, { ca: trust.authority.certificatePem }),
        connection.handshake(),
      ])
      expect(peer.authorized).toBe(true)
      peer.destroy()
      connection.stream.destroy()
    })
  })

  it('does not speak TLS 1.1 unless told to', async () => {
    const old = serverWith({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await withRawTlsServer(echo, old, async (server) => {
      const error = await rejection(connectClient(load, server, client()))
      expect(error).toMatchObject({ domain: 'g-tls-error-quark', code: 'HANDSHAKE' })
    })
  })

  it('ends the handshake when the versions do not meet', async () => {
    await withRawTlsServer(echo, serverWith({ minVersion: 'TLSv1.3' }), async (server) => {
      const options = client({ maximumVersion: TlsProtocolVersion.TLS_1_2 })
      expect(await rejection(connectClient(load, server, options))).toMatchObject({ code: 'HANDSHAKE' })
    })
  })

  it.each([
    ['is older than its minimum', { minimumVersion: TlsProtocolVersion.TLS_1_3 }, { maxVersion: 'TLSv1.2' }],
    ['is newer than its maximum', { maximumVersion: TlsProtocolVersion.TLS_1_2 }, { minVersion: 'TLSv1.3' }],
  ] as const)('as server ends the handshake when all the client speaks %s', async (_, options, peerOptions) => {
    await withConnectedSockets(async (sockets) => {
      const connection = load().createServerConnection(sockets.server, {
        certificate: ownCertificate(certificate),
        ...options,
      })
      const connecting = connectNodeClient(sockets.client, { ca: trust.authority.certificatePem, ...peerOptions })
      const [error, peerError] = await Promise.all([rejection(connection.handshake()), rejection(connecting)])
      expect(error).toMatchObject({ domain: 'g-tls-error-quark', code: 'HANDSHAKE' })
      expect(peerError.code).toMatch(/^ERR_SSL_/)
    })
  })

  it.each([
    ['TLS 1.2', 'client', TlsProtocolVersion.TLS_1_2],
    ['TLS 1.2', 'server', TlsProtocolVersion.TLS_1_2],
    ['TLS 1.3', 'client', TlsProtocolVersion.TLS_1_3],
    ['TLS 1.3', 'server', TlsProtocolVersion.TLS_1_3],
  ] as const)('speaks %s when that is the newest version of the %s', async (_, role, maximumVersion) => {
    const options = { trust, certificate: ownCertificate(certificate), [role]: { maximumVersion } }
    await withPair(load, options, async (pair) => {
      for (const result of await pair.handshake()) expect(result.protocolVersion).toBe(maximumVersion)
    })
  })

  it.each([
    ['TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
    ['TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
    ['TLSv1.2', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'],
    ['TLSv1.3', 'TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
    ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
  ] as const)('reports %s with the cipher %s by its name at IANA', async (version, ciphers, name) => {
    const tls = { minVersion: version, maxVersion: version, ciphers }
    await withRawTlsServer(echo, serverWith(tls), async (server) => {
      const { result, stream } = await connectClient(load, server, client())
      expect(result.ciphersuiteName).toBe(name)
      stream.destroy()
    })
  })

  it.each([
    ['takes what the server chose', ['h2', 'http/1.1'], ['http/1.1'], 'http/1.1'],
    ['prefers what the server prefers', ['http/1.1', 'h2'], ['h2', 'http/1.1'], 'h2'],
    ['has no protocol when the client offers none', undefined, ['h2'], null],
    ['has no protocol when the server knows no ALPN', ['h2'], undefined, null],
  ] as const)('ALPN as client: %s', async (_, offered, supported, expected) => {
    const tls = supported === undefined ? {} : { ALPNProtocols: [...supported] }
    await withRawTlsServer(echo, serverWith(tls), async (server) => {
      const { result, stream } = await connectClient(load, server, client({ advertisedProtocols: offered }))
      expect(result.negotiatedProtocol).toBe(expected)
      stream.destroy()
    })
  })

  it('ALPN as client: ends the handshake when no protocol is shared', async () => {
    await withRawTlsServer(echo, serverWith({ ALPNProtocols: ['spdy/3'] }), async (server) => {
      const error = await rejection(connectClient(load, server, client({ advertisedProtocols: ['h2'] })))
      expect(error).toMatchObject({ domain: 'g-tls-error-quark', code: 'HANDSHAKE' })
    })
  })

  it.each([
    ['chooses its own favourite', ['http/1.1', 'h2'], ['h2', 'http/1.1'], 'h2'],
    ['chooses nothing when the client offers nothing', undefined, ['h2'], null],
  ] as const)('ALPN as server: %s', async (_, offered, supported, expected) => {
    await withConnectedSockets(async (sockets) => {
      const own = TlsCertificate.fromPem(certificate.chainPem, { privateKeyPem: certificate.privateKeyPem })
      const connection = load().createServerConnection(sockets.server, {
        certificate: own,
        advertisedProtocols: supported,
      })
      const [peer, result] = await Promise.all([
        connectNodeClient(sockets.client, {
          ca: trust.authority.certificatePem,
          ...(offered && { ALPNProtocols: [...offered] }),
        }),
        connection.handshake(),
      ])
      expect(result.negotiatedProtocol).toBe(expected)
      expect(peer.alpnProtocol).toBe(expected ?? false)
      peer.destroy()
      connection.stream.destroy()
    })
  })

  it('ALPN as server: refuses a client that shares no protocol', async () => {
    await withConnectedSockets(async (sockets) => {
      const own = TlsCertificate.fromPem(certificate.chainPem, { privateKeyPem: certificate.privateKeyPem })
      const connection = load().createServerConnection(sockets.server, {
        certificate: own,
        advertisedProtocols: ['h2'],
      })
      const [error, peerError] = await Promise.all([
        rejection(connection.handshake()),
        rejection(connectNodeClient(sockets.client, { ca: trust.authority.certificatePem, ALPNProtocols: ['spdy/3'] })),
      ])
      expect(error).toMatchObject({ code: 'HANDSHAKE' })
      expect(peerError.code).toBe('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
    })
  })

  it.each([
    ['the host name', 'localhost', 'localhost'],
    ['no address', '127.0.0.1', false],
  ])('sends %s as SNI', async (_, serverIdentity, expected) => {
    let seen: string | false | null = null
    const remember = (socket: TLSSocket): void => {
      seen = (socket as TLSSocket & { servername: string | false }).servername
      socket.end()
    }
    await withRawTlsServer(remember, serverWith({}), async (server) => {
      const { stream } = await connectClient(load, server, client({ serverIdentity }))
      stream.resume()
      await once(stream, 'end')
      expect(seen).toBe(expected)
      stream.destroy()
    })
  })
}
