// How a stream ends: announced by close_notify, or not, over everything a connection may run on. RFC 8446 section 6.1.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { duplexPair, PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectedSockets, type ConnectedSockets } from '@wpe-networking/test-support'
import {
  TlsCertificate,
  TlsProtocolVersion,
  type TlsClientConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { createTrust, rejection, type Trust } from '../../glib-networking-base/test/conformance/peers.ts'
import { opensslBackend } from '../src/index.ts'

const EOF_ERROR = { domain: 'g-tls-error-quark', code: 'EOF' }
/** More than one read and the buffers of a stream. */
const MUCH = Buffer.alloc(300_000, 'much')

let trust: Trust
let own: TlsCertificate
let options: TlsClientConnectionOptions
let near: ConnectedSockets
let far: ConnectedSockets

beforeAll(async () => {
  trust = await createTrust()
  const issued = await trust.authority.issue()
  own = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
  options = { serverIdentity: 'localhost', database: trust.database }
})

// client <-> near.client | near.server <-> far.client | far.server <-> server, so that the middle can be cut.
beforeEach(async () => {
  near = await connectedSockets()
  far = await connectedSockets()
  near.server.pipe(far.client, { end: false })
  far.client.pipe(near.server, { end: false })
  for (const socket of [near.client, near.server, far.client, far.server]) socket.on('error', () => undefined)
})
afterEach(() => {
  for (const socket of [near.client, near.server, far.client, far.server]) socket.destroy()
})

interface Ends {
  readonly client: Duplex
  readonly server: Duplex
}

async function handshake(clientBase: Duplex, more: Partial<TlsClientConnectionOptions> = {}): Promise<Ends> {
  const server = opensslBackend.createServerConnection(far.server, { certificate: own })
  const client = opensslBackend.createClientConnection(clientBase, { ...options, ...more })
  await Promise.all([client.handshake(), server.handshake()])
  return { client: client.stream, server: server.stream }
}

/** The base stream of the client, in three kinds. */
const KINDS: readonly [string, () => Promise<Duplex>][] = [
  ['a socket', (): Promise<Duplex> => Promise.resolve(near.client)],
  ['a stream that is no socket', (): Promise<Duplex> => Promise.resolve(wrapped(near.client))],
  ['another TLS connection', insideTls],
]

function wrapped(socket: Socket): Duplex {
  const [outside, inside] = duplexPair()
  socket.pipe(inside).pipe(socket)
  return outside
}

/** A TLS connection that ends at the near server, which passes on what is inside. */
async function insideTls(): Promise<Duplex> {
  near.server.unpipe(far.client)
  far.client.unpipe(near.server)
  near.server.pause()
  const outer = opensslBackend.createServerConnection(near.server, { certificate: own })
  const client = opensslBackend.createClientConnection(near.client, options)
  await Promise.all([client.handshake(), outer.handshake()])
  outer.stream.pipe(far.client, { end: false })
  far.client.pipe(outer.stream)
  return client.stream
}

/** Ends the way to the client, without a word of the server. */
function cut(base: Duplex): void {
  if (base instanceof TLSSocket)
    far.client.push(null) // Its pipe ends the outer connection with a close_notify of its own.
  else near.server.end()
}

describe.each(KINDS)('over %s', (_, createBase) => {
  it.each([
    ['TLS 1.2', TlsProtocolVersion.TLS_1_2],
    ['TLS 1.3', TlsProtocolVersion.TLS_1_3],
  ])('fails with EOF when the peer vanishes in %s', async (__, maximumVersion) => {
    const base = await createBase()
    const { client, server } = await handshake(base, { maximumVersion })
    server.write('half of the')
    expect(String((await once(client, 'data'))[0])).toBe('half of the')
    cut(base)
    expect(await rejection(finished(client))).toMatchObject(EOF_ERROR)
  })

  it('gives everything that came before the peer vanished', async () => {
    const base = await createBase()
    const { client, server } = await handshake(base)
    server.write(MUCH)
    const chunks: Buffer[] = []
    client.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (Buffer.concat(chunks).length === MUCH.length) cut(base)
    })
    expect(await rejection(finished(client))).toMatchObject(EOF_ERROR)
    expect(Buffer.concat(chunks).equals(MUCH)).toBe(true)
  })

  it('ends when the peer vanishes and nobody minds', async () => {
    const base = await createBase()
    const { client } = await handshake(base, { requireCloseNotify: false })
    cut(base)
    expect(await buffer(client)).toHaveLength(0)
  })

  it('ends after close_notify, also when the reader was slower than the peer', async () => {
    const base = await createBase()
    const { client, server } = await handshake(base)
    client.pause()
    server.end(MUCH)
    await once(server, 'finish')
    expect((await buffer(client)).equals(MUCH)).toBe(true)
  })
})

it('gives what is unread before it tells that the peer vanished', async () => {
  const { client, server } = await handshake(near.client)
  client.pause()
  server.write('half of the')
  await once(client, 'readable')
  cut(near.client)
  const chunks: string[] = []
  const read = async (): Promise<void> => {
    for await (const chunk of client) chunks.push(String(chunk))
  }
  expect(await rejection(read())).toMatchObject(EOF_ERROR)
  expect(chunks).toEqual(['half of the'])
})

it('is not led astray by close_notify and the end in one piece', async () => {
  const held = new PassThrough()
  const { client, server } = await handshake(near.client)
  far.client.unpipe(near.server)
  far.client.pipe(held)
  server.end('bye')
  const rest = await buffer(held)
  near.server.end(rest)
  expect(String(await buffer(client))).toBe('bye')
})
