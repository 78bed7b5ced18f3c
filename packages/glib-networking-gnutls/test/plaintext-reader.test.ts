// Decryption in place: whatever the chunks the ciphertext comes in, the plaintext is whole, and nobody else's buffer is
// written to.
import { createHash, hash } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { beforeAll, expect, it } from 'vitest'
import { withConnectedSockets } from '@wpe-networking/test-support'
import { TlsCertificate } from '@wpe-networking/glib-networking-base'
import { createTrust, type Trust } from '../../glib-networking-base/test/conformance/peers.ts'
import { load } from '../src/index.ts'

let trust: Trust
let own: TlsCertificate

beforeAll(async () => {
  trust = await createTrust()
  const issued = await trust.authority.issue()
  own = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
})

/** Bytes that repeat nowhere, so that a piece in the wrong place shows. */
const content = Buffer.concat(
  Array.from({ length: 40_000 }, (_, index) => createHash('sha256').update(String(index)).digest()),
)

async function handshake(near: Duplex, far: Duplex): Promise<{ readonly client: Duplex; readonly server: Duplex }> {
  const client = load().createClientConnection(near, { serverIdentity: 'localhost', database: trust.database })
  const server = load().createServerConnection(far, { certificate: own })
  await Promise.all([client.handshake(), server.handshake()])
  return { client: client.stream, server: server.stream }
}

async function digestOf(stream: Duplex): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of stream) digest.update(chunk as Buffer)
  return digest.digest('hex')
}

it.each([
  ['single bytes', () => 1, 20_000],
  ['pieces a little smaller than a record', () => 16_400, content.length],
  ['pieces a little larger than a record', () => 16_411, content.length],
  ['pieces of all sizes', (index: number) => 1 + ((index * 7919) % 70_000), content.length],
])('a socket that delivers %s', async (_, sizeOf, total) => {
  await withConnectedSockets(async (near) => {
    await withConnectedSockets(async (far) => {
      near.server.setNoDelay(true)
      near.server.pipe(far.client)
      const cutting = (async (): Promise<void> => {
        let index = 0
        for await (const chunk of far.client) {
          for (let rest = chunk as Buffer; rest.length > 0;) {
            const size = Math.min(rest.length, sizeOf(index++))
            if (!near.server.write(rest.subarray(0, size))) await once(near.server, 'drain')
            rest = rest.subarray(size)
          }
        }
      })()
      const { client, server } = await handshake(near.client, far.server)
      const expected = content.subarray(0, total)
      server.end(expected)
      client.end()
      expect(await digestOf(client)).toBe(hash('sha256', expected))
      client.destroy()
      server.destroy()
      far.client.destroy()
      await cutting.catch(() => undefined)
    })
  })
})

it('leaves the chunks of a socket alone that somebody else listens to as well', async () => {
  await withConnectedSockets(async ({ client: near, server: far }) => {
    const seen: Buffer[] = []
    const digest = createHash('sha256')
    near.on('data', (chunk: Buffer) => {
      digest.update(chunk)
      seen.push(chunk)
    })
    near.pause()
    const { client, server } = await handshake(near, far)
    server.end(content.subarray(0, 200_000))
    client.end()
    expect(await digestOf(client)).toBe(hash('sha256', content.subarray(0, 200_000)))
    expect(hash('sha256', Buffer.concat(seen))).toBe(digest.digest('hex'))
  })
})
