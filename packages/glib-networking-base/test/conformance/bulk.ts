// Much data each way at once, over sockets and over streams that are none, in every combination of ends.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { duplexPair, type Duplex } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import { connectedSockets } from '@wpe-networking/test-support'
import { TlsCertificate, TlsProtocolVersion, type LoadTlsBackend } from '@wpe-networking/glib-networking-base'
import { withPair } from './pair.ts'
import { connectNodeClient, createTrust, type Trust } from './peers.ts'

const SIZE_BYTES = 8 * 1024 * 1024
const LARGE_BYTES = 100 * 1024 * 1024
const CHUNK_BYTES = 64 * 1024
const MAXIMUM_AHEAD_BYTES = 40 * 1024 * 1024

export function describeBulk(load: LoadTlsBackend): void {
  let trust: Trust
  let own: TlsCertificate
  const upload = randomBytes(SIZE_BYTES)
  const download = randomBytes(SIZE_BYTES)

  beforeAll(async () => {
    trust = await createTrust()
    const issued = await trust.authority.issue()
    own = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
  })

  async function exchange(client: Duplex, server: Duplex): Promise<void> {
    client.write(upload)
    server.write(download)
    const [atServer, atClient] = await Promise.all([readBytes(server, SIZE_BYTES), readBytes(client, SIZE_BYTES)])
    expect(atServer.equals(upload)).toBe(true)
    expect(atClient.equals(download)).toBe(true)
    client.destroy()
    server.destroy()
  }

  describe.each([
    [
      'sockets',
      async (): Promise<readonly [Duplex, Duplex]> => {
        const { client, server } = await connectedSockets()
        return [client, server]
      },
    ],
    ['other streams', (): Promise<readonly [Duplex, Duplex]> => Promise.resolve(duplexPair())],
  ])('over %s', (_, pair) => {
    it.each([
      ['TLS 1.2', TlsProtocolVersion.TLS_1_2],
      ['TLS 1.3', TlsProtocolVersion.TLS_1_3],
    ])('carries 8 MB both ways between its own two ends in %s', async (__, maximumVersion) => {
      const [clientBase, serverBase] = await pair()
      const server = load().createServerConnection(serverBase, { certificate: own })
      const client = load().createClientConnection(clientBase, {
        serverIdentity: 'localhost',
        database: trust.database,
        maximumVersion,
      })
      const [result] = await Promise.all([client.handshake(), server.handshake()])
      expect(result.protocolVersion).toBe(maximumVersion)
      await exchange(client.stream, server.stream)
    })

    it('carries 8 MB both ways from and to a node:tls client', async () => {
      const [clientBase, serverBase] = await pair()
      const server = load().createServerConnection(serverBase, { certificate: own })
      const [client] = await Promise.all([
        connectNodeClient(clientBase, { ca: [...trust.database.anchorsPem] }),
        server.handshake(),
      ])
      await exchange(client, server.stream)
    })
  })

  it('carries 100 MB both ways at once and holds back a writer that is ahead', async () => {
    const certificate = own
    await withPair(load, { trust, certificate }, async (pair) => {
      await pair.handshake()
      const ends = [pair.client.stream, pair.server.stream] as const
      const ahead = await Promise.all([stream(ends[0], ends[1]), stream(ends[1], ends[0])])
      // What the sockets of the kernel and the buffers of both ends and the wire hold.
      for (const bytes of ahead) expect(bytes).toBeLessThan(MAXIMUM_AHEAD_BYTES)
    })
  })
}

/** Sends 100 MB from one end to the other; gives by how much the writer was ahead of the reader at most. */
async function stream(from: Duplex, to: Duplex): Promise<number> {
  const chunk = randomBytes(CHUNK_BYTES)
  let sent = 0
  let received = 0
  let ahead = 0
  const done = Promise.withResolvers<void>()
  to.on('data', (data: Buffer) => {
    const start = received % CHUNK_BYTES
    const end = Math.min(start + data.length, CHUNK_BYTES)
    if (!data.subarray(0, end - start).equals(chunk.subarray(start, end))) done.reject(new Error('Data got mixed up.'))
    received += data.length
    if (received === LARGE_BYTES) done.resolve()
  })
  for (; sent < LARGE_BYTES; sent += CHUNK_BYTES) {
    if (!from.write(chunk)) await once(from, 'drain')
    ahead = Math.max(ahead, sent + CHUNK_BYTES - received)
  }
  await done.promise
  return ahead
}

/** The first `size` bytes of `stream`, which stays open. */
async function readBytes(stream: Duplex, size: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let received = 0
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer)
    received += (chunk as Buffer).length
    if (received >= size) break
  }
  return Buffer.concat(chunks)
}
