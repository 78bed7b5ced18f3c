// What a server makes of a client that resumes: it judges it anew, and asks no less than in a full handshake.
import { once } from 'node:events'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { CertificateAuthority, type IssuedCertificate, withConnectedSockets } from '@wpe-networking/test-support'
import {
  TlsAuthenticationMode,
  TlsCertificate,
  TlsCertificateFlags,
  TlsDatabase,
  type TlsHandshakeResult,
  type TlsServerConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { createTrust, rejection, type Trust } from '../../glib-networking-base/test/conformance/peers.ts'
import { ClientChainCache } from '../src/client-chain-cache.ts'
import { opensslBackend } from '../src/index.ts'
import { serverContext } from '../src/secure-contexts.ts'

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const

let trust: Trust
let own: TlsCertificate
let mine: IssuedCertificate

beforeAll(async () => {
  trust = await createTrust()
  const issued = await trust.authority.issue()
  own = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
  mine = await (await trust.authority.createIntermediate()).issue({ commonName: 'someone' })
})

interface Meeting {
  readonly result: TlsHandshakeResult
  readonly session: Buffer
}

/** One connection of a node:tls client, which gives its session for the next. */
async function meet(server: TlsServerConnectionOptions, client: ConnectionOptions): Promise<Meeting> {
  return await withConnectedSockets(async (sockets) => {
    const connection = opensslBackend.createServerConnection(sockets.server, server)
    const socket = connectTls({
      socket: sockets.client,
      servername: 'localhost',
      ca: [trust.authority.certificatePem],
      ...client,
    })
    socket.on('error', () => undefined)
    const session = once(socket, 'session') as Promise<[Buffer]>
    const result = await connection.handshake()
    connection.stream.write('tickets come with the first data')
    const [bytes] = await session
    socket.destroy()
    return { result, session: bytes }
  })
}

describe.each(VERSIONS)('in %s', (maxVersion) => {
  it('judges the chain of a resumed client, of which only the leaf comes back', async () => {
    const server = {
      certificate: own,
      authenticationMode: TlsAuthenticationMode.REQUIRED,
      database: new TlsDatabase(trust.database.anchorsPem),
    }
    const client = { cert: mine.chainPem, key: mine.privateKeyPem, maxVersion }
    const { session } = await meet(server, client)
    const { result } = await withSession(server, client, session)
    expect(result).toMatchObject({ resumed: true, peerCertificateErrors: 0 })
    expect(result.peerCertificate?.issuer?.subjectName).toBe('CN=Test Intermediate')
  })

  it('does not take a session without a certificate where one is required', async () => {
    const server = { certificate: own, database: new TlsDatabase(trust.database.anchorsPem) }
    const { session } = await meet({ ...server, authenticationMode: TlsAuthenticationMode.REQUESTED }, { maxVersion })
    const strict = { ...server, authenticationMode: TlsAuthenticationMode.REQUIRED }
    expect(await rejection(withSession(strict, { maxVersion }, session))).toMatchObject({
      code: 'CERTIFICATE_REQUIRED',
    })
  })

  it('asks again about a client that was accepted once', async () => {
    const stranger = await CertificateAuthority.selfSigned()
    const server = {
      certificate: own,
      authenticationMode: TlsAuthenticationMode.REQUIRED,
      database: new TlsDatabase(trust.database.anchorsPem),
    }
    const client = { cert: stranger.chainPem, key: stranger.privateKeyPem, maxVersion }
    const { session } = await meet({ ...server, acceptCertificate: () => true }, client)
    const error = await rejection(withSession(server, client, session))
    expect(error).toMatchObject({ code: 'BAD_CERTIFICATE' })
    expect(error.flags & TlsCertificateFlags.UNKNOWN_CA).not.toBe(0)
  })
})

async function withSession(
  server: TlsServerConnectionOptions,
  client: ConnectionOptions,
  session: Buffer,
): Promise<{ readonly result: TlsHandshakeResult }> {
  return await withConnectedSockets(async (sockets) => {
    const connection = opensslBackend.createServerConnection(sockets.server, server)
    const socket: TLSSocket = connectTls({
      socket: sockets.client,
      servername: 'localhost',
      ca: [trust.authority.certificatePem],
      session,
      ...client,
    })
    socket.on('error', () => undefined)
    const result = await connection.handshake()
    socket.destroy()
    return { result }
  })
}

describe('the memory of client chains', () => {
  it('is bounded and lets the one go that was longest out of use', async () => {
    const certificates: TlsCertificate[] = []
    const authority = await CertificateAuthority.create()
    for (let index = 0; index < 3; index++) {
      certificates.push(TlsCertificate.fromPem((await authority.issue()).certificatePem))
    }
    const [first, second, third] = certificates
    if (first === undefined || second === undefined || third === undefined) throw new Error('There are three.')
    const cache = new ClientChainCache(2)
    cache.add({ sent: [first, third], leaf: first })
    cache.add({ sent: [second, third], leaf: second })
    cache.add({ sent: [first, third], leaf: first })
    cache.add({ sent: [third, first], leaf: third })
    expect(cache.get(first)).not.toBeNull()
    expect(cache.get(second)).toBeNull()
    expect(cache.get(third)).not.toBeNull()
  })

  it('keeps the chain of a client that was let in, not of one that was refused', async () => {
    const server = {
      certificate: own,
      authenticationMode: TlsAuthenticationMode.REQUIRED,
      database: new TlsDatabase(trust.database.anchorsPem),
    }
    const stranger = await (await (await CertificateAuthority.create()).createIntermediate()).issue()
    const kept: boolean[] = []
    for (const { chainPem, privateKeyPem } of [stranger, mine]) {
      await meet(server, { cert: chainPem, key: privateKeyPem, maxVersion: 'TLSv1.2' }).catch(() => undefined)
      kept.push(serverContext(server).clientChains.get(TlsCertificate.fromPem(chainPem)) !== null)
    }
    expect(kept).toEqual([false, true])
  })

  it('does not keep a leaf alone', () => {
    const cache = new ClientChainCache()
    cache.add({ sent: [own], leaf: own })
    expect(cache.get(own)).toBeNull()
  })
})
