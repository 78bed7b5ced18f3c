// Sizes at both ends of what is possible: full records, writes of one byte, and a network that gives one byte at a time.
// RFC 8446 section 5.1.
import { randomBytes } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import type { Socket } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { TlsProtocolVersion, type LoadTlsBackend, type TlsCertificate } from '@wpe-networking/glib-networking-base'
import { ownCertificate, readAll, withPair, withParted } from './pair.ts'
import { createTrust, type Trust } from './peers.ts'

const APPLICATION_DATA = 23
const RECORD_BYTES = 16_384
/** TLS 1.2 and 1.3 add at most this with the ciphers of today. */
const OVERHEAD_BYTES = 256

export function describeRecords(load: LoadTlsBackend): void {
  let trust: Trust
  let certificate: TlsCertificate

  beforeAll(async () => {
    trust = await createTrust()
    certificate = ownCertificate(await trust.authority.issue())
  })

  describe.each([
    ['TLS 1.2', TlsProtocolVersion.TLS_1_2],
    ['TLS 1.3', TlsProtocolVersion.TLS_1_3],
  ])('in %s', (_, maximumVersion) => {
    it('cuts what is written into full records of 16 KB', async () => {
      await withPair(load, { trust, certificate, client: { maximumVersion } }, async (pair) => {
        await pair.handshake()
        const sizes = recordSizes(pair.clientWire)
        const data = randomBytes(16 * RECORD_BYTES)
        pair.client.stream.end(data)
        expect((await readAll(pair.server.stream)).equals(data)).toBe(true)
        const full = sizes.filter((size) => size >= RECORD_BYTES && size <= RECORD_BYTES + OVERHEAD_BYTES)
        expect(full).toHaveLength(16)
        expect(Math.max(...sizes)).toBeLessThanOrEqual(RECORD_BYTES + OVERHEAD_BYTES)
      })
    })

    it('carries 5,000 writes of one byte in order', async () => {
      await withPair(load, { trust, certificate, client: { maximumVersion } }, async (pair) => {
        await pair.handshake()
        const data = randomBytes(5000)
        for (const byte of data) pair.client.stream.write(Buffer.of(byte))
        pair.client.stream.end()
        expect((await readAll(pair.server.stream)).equals(data)).toBe(true)
      })
    })

    it('shakes hands and reads when the network gives one byte at a time', async () => {
      await withParted(load, { trust, certificate, client: { maximumVersion } }, async (pair) => {
        pair.clientWire.pipe(new OneByOne()).pipe(pair.serverWire)
        pair.serverWire.pipe(new OneByOne()).pipe(pair.clientWire)
        await pair.handshake()
        const data = randomBytes(3000)
        pair.client.stream.end(data)
        expect((await readAll(pair.server.stream)).equals(data)).toBe(true)
      })
    })

    it('carries nothing at all', async () => {
      await withPair(load, { trust, certificate, client: { maximumVersion } }, async (pair) => {
        await pair.handshake()
        pair.client.stream.write(Buffer.alloc(0))
        pair.client.stream.end()
        expect(await readAll(pair.server.stream)).toHaveLength(0)
      })
    })
  })
}

/** The lengths of the records with application data that pass, filled in as they do. */
function recordSizes(wire: Socket): readonly number[] {
  const sizes: number[] = []
  let rest = Buffer.alloc(0)
  wire.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (
      ;
      rest.length >= 5 && rest.length >= 5 + rest.readUInt16BE(3);
      rest = rest.subarray(5 + rest.readUInt16BE(3))
    ) {
      if (rest[0] === APPLICATION_DATA) sizes.push(rest.readUInt16BE(3))
    }
  })
  return sizes
}

class OneByOne extends Transform {
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (const byte of chunk) this.push(Buffer.of(byte))
    done()
  }
}
