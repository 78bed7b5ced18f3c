import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { duplexPair } from 'node:stream'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { CertificateAuthority, connectedSockets } from '@wpe-networking/test-support'
import {
  loadTlsBackend,
  TlsCertificate,
  TlsClientConnection,
  TlsDatabase,
  TlsProtocolVersion,
  TlsServerConnection,
} from '@wpe-networking/glib-gio'
import type { TlsBackendName, TlsServerConnectionProperties } from '@wpe-networking/glib-gio'
import { readServerName, serverNameIn } from '../../src/tls/client-hello.ts'

let database: TlsDatabase
let byDefault: TlsCertificate
const byName = new Map<string, TlsCertificate>()

beforeAll(async () => {
  const authority = await CertificateAuthority.create()
  database = new TlsDatabase([authority.certificatePem])
  const issue = async (name: string): Promise<TlsCertificate> => {
    const { chainPem, privateKeyPem } = await authority.issue({ commonName: name, dnsNames: [name] })
    return TlsCertificate.fromPem(chainPem, { privateKeyPem })
  }
  byDefault = await issue('localhost')
  for (const name of ['one.example', 'two.example']) byName.set(name, await issue(name))
})

type Choose = TlsServerConnectionProperties['chooseCertificate']

function ends(backend: TlsBackendName, client: Duplex, server: Duplex, serverIdentity: string, choose: Choose) {
  return {
    client: TlsClientConnection.create(client, { serverIdentity, database, backend }),
    server: TlsServerConnection.create(server, { certificate: byDefault, chooseCertificate: choose, backend }),
  }
}

const chooseByName: Choose = (name) => byName.get(name ?? '') ?? null

/** What node:tls or GnuTLS says first. */
async function helloOf(backend: TlsBackendName, serverIdentity: string): Promise<Buffer> {
  const [near, far] = duplexPair()
  const client = TlsClientConnection.create(near, { serverIdentity, database, backend })
  const failed = client.handshake().catch(() => undefined)
  const [hello] = (await once(far, 'data')) as [Buffer]
  near.destroy()
  await failed
  return hello
}

const names: TlsBackendName[] = ['openssl', 'gnutls']
const loadable = await Promise.all(
  names.map((name) =>
    loadTlsBackend(name).then(
      () => true,
      () => false, // libgnutls is not on this machine
    ),
  ),
)

for (const [index, backend] of names.entries()) {
  describe.skipIf(!loadable[index])(`a server over ${backend} that chooses by name`, () => {
    it.each([
      ['one.example', 'one.example'],
      ['two.example', 'two.example'],
      ['localhost', 'localhost'],
    ])('shows a client of %s the certificate of %s', async (identity, name) => {
      const sockets = await connectedSockets()
      const { client, server } = ends(backend, sockets.client, sockets.server, identity, chooseByName)
      await Promise.all([client.handshake(), server.handshake()])
      expect(client.peerCertificate?.subjectName).toContain(name)
      expect([server.serverName, server.protocolVersion]).toEqual([identity, TlsProtocolVersion.TLS_1_3])
      server.ioStream.write('both ways')
      expect(String((await once(client.ioStream, 'data'))[0])).toBe('both ways')
      client.ioStream.end('and back')
      expect(String((await once(server.ioStream, 'data'))[0])).toBe('and back')
      await Promise.all([client.close(), server.close()])
    })

    it('waits for a promise, and is told null where no name is sent', async () => {
      const sockets = await connectedSockets()
      const asked: (string | null)[] = []
      const { client, server } = ends(backend, sockets.client, sockets.server, '127.0.0.1', async (name) => {
        asked.push(name)
        await new Promise(setImmediate)
        return byName.get('one.example') ?? null
      })
      client.acceptCertificate = () => true
      await Promise.all([client.handshake(), server.handshake()])
      expect([asked, client.peerCertificate?.subjectName]).toEqual([[null], expect.stringContaining('one.example')])
      await Promise.all([client.close(), server.close()])
    })

    it('resumes no session under another name', async () => {
      for (const identity of ['one.example', 'two.example', 'one.example']) {
        const sockets = await connectedSockets()
        const { client, server } = ends(backend, sockets.client, sockets.server, identity, chooseByName)
        await Promise.all([client.handshake(), server.handshake()])
        expect(client.peerCertificate?.subjectName).toContain(identity)
        await Promise.all([client.close(), server.close()])
      }
    })

    it('fails with what the choice throws, and closes', async () => {
      const sockets = await connectedSockets()
      const { client, server } = ends(backend, sockets.client, sockets.server, 'localhost', () => {
        throw new Error('no certificate today')
      })
      const failed = expect(client.handshake()).rejects.toThrow()
      await expect(server.handshake()).rejects.toThrow('no certificate today')
      await failed
      expect(sockets.server.destroyed).toBe(true)
    })

    it('understands a hello that comes byte by byte, and finds its name only at its end', async () => {
      const hello = await helloOf(backend, 'one.example')
      for (let length = 0; length < hello.length; length++) {
        expect(serverNameIn(hello.subarray(0, length))).toBeUndefined()
      }
      expect(serverNameIn(hello)).toBe('one.example')
      const [client, server] = duplexPair()
      const name = readServerName(server)
      for (const byte of hello) client.write(Buffer.of(byte))
      expect(await name).toBe('one.example')
      client.end()
      expect(Buffer.concat(await server.toArray()).equals(hello)).toBe(true)
    })

    it('understands a hello cut into records', async () => {
      const hello = await helloOf(backend, 'one.example')
      const message = hello.subarray(5)
      const records: Buffer[] = []
      for (let at = 0; at < message.length; at += 50) {
        const part = message.subarray(at, at + 50)
        records.push(Buffer.of(22, 3, 1, 0, part.length), part)
      }
      expect(serverNameIn(Buffer.concat(records))).toBe('one.example')
    })
  })
}

describe('the name in a client hello', () => {
  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
    ['an alert', Buffer.of(21, 3, 1, 0, 2, 2, 40)],
    ['another message', Buffer.of(22, 3, 1, 0, 4, 2, 0, 0, 0)],
    ['an empty record', Buffer.of(22, 3, 1, 0, 0)],
    ['a hello of an impossible length', Buffer.of(22, 3, 1, 0, 4, 1, 255, 255, 255)],
  ])('is null for %s', (_what, bytes) => {
    expect(serverNameIn(bytes)).toBeNull()
  })

  it('is never looked for beyond the end, whatever is broken', async () => {
    const hello = await helloOf('openssl', 'one.example')
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, value) => {
        const broken = Buffer.from(hello)
        broken[at] = value
        const name = serverNameIn(broken)
        expect(name === undefined || name === null || name.length <= 255).toBe(true)
      }),
    )
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void serverNameIn(Buffer.from(bytes))))
  })

  it('is not waited for when the stream ends, or nobody wants it any more', async () => {
    const ended = await connectedSockets()
    ended.client.end(Buffer.of(22))
    await expect(readServerName(ended.server)).rejects.toMatchObject({ domain: 'g-tls-error-quark', code: 'EOF' })
    const aborted = await connectedSockets()
    await expect(readServerName(aborted.server, AbortSignal.timeout(1))).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(readServerName(aborted.server, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' })
    for (const socket of [ended, aborted].flatMap(({ client, server }): Socket[] => [client, server])) socket.destroy()
  })

  it('is given up on after 64 KiB', async () => {
    const { client, server } = await connectedSockets()
    const record = Buffer.concat([Buffer.of(22, 3, 1, 64, 0, 1, 0, 255, 0), Buffer.alloc(16_380)])
    const next = Buffer.concat([Buffer.of(22, 3, 1, 64, 0), Buffer.alloc(16_384)])
    for (const part of [record, next, next, next, next]) client.write(part)
    expect(await readServerName(server)).toBeNull()
    client.destroy()
    server.destroy()
  })
})
