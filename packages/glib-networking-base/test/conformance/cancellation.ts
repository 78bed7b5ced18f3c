// Callers that change their mind, at every stage of the handshake and in both roles: one error, nothing left open.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  TlsAuthenticationMode,
  TlsInteraction,
  TlsProtocolVersion,
  type LoadTlsBackend,
  type TlsBackendConnection,
  type TlsCertificate,
  type TlsCertificateRequest,
  type TlsInteractionOptions,
} from '@wpe-networking/glib-networking-base'
import { ownCertificate, withPair, withParted, type Pair } from './pair.ts'
import { createTrust, rejection, type Trust } from './peers.ts'

/** Bytes of the peer's flights let through before the end: none, part of a record, all of the first, into the second. */
const STAGES = [0, 1, 60, 150, 400, 700]

/** Asks whoever waits for a certificate for ever, and tells when. */
class SilentInteraction extends TlsInteraction {
  readonly asked = Promise.withResolvers<AbortSignal | undefined>()

  override requestCertificate(
    _request: TlsCertificateRequest,
    { signal }: TlsInteractionOptions = {},
  ): Promise<TlsCertificate | null> {
    this.asked.resolve(signal)
    return new Promise(() => undefined)
  }
}

interface Side {
  readonly connection: TlsBackendConnection
  readonly peer: TlsBackendConnection
  readonly socket: Socket
  /** From the peer, and to this side. */
  readonly from: Socket
  readonly to: Socket
}

const roles: readonly (readonly [string, (pair: Pair) => Side])[] = [
  [
    'client',
    (pair) => ({
      connection: pair.client,
      peer: pair.server,
      socket: pair.clientSocket,
      from: pair.serverWire,
      to: pair.clientWire,
    }),
  ],
  [
    'server',
    (pair) => ({
      connection: pair.server,
      peer: pair.client,
      socket: pair.serverSocket,
      from: pair.clientWire,
      to: pair.serverWire,
    }),
  ],
]

/** @param openHandles What the library has open, where the backend counts it. */
export function describeCancellation(load: LoadTlsBackend, openHandles: () => number): void {
  let trust: Trust
  let certificate: TlsCertificate

  beforeAll(async () => {
    trust = await createTrust()
    certificate = ownCertificate(await trust.authority.issue())
  })

  /** Lets `bytes` of what the peer says through; resolves when they are. */
  async function letThrough({ from, to }: Side, bytes: number): Promise<void> {
    to.pipe(from)
    for (let left = bytes; left > 0;) {
      const chunk = (from.read() as Buffer | null) ?? null
      if (chunk === null) {
        await once(from, 'readable')
        continue
      }
      to.write(chunk.subarray(0, left))
      left -= chunk.length
    }
    if (bytes === 0) await once(from, 'readable')
  }

  describe.each(roles)('as %s', (role, sideOf) => {
    it('before the handshake', async () => {
      await withPair(load, { trust, certificate }, async (pair) => {
        const { connection, socket } = sideOf(pair)
        const reason = new Error('too late')
        expect(await rejection(connection.handshake({ signal: AbortSignal.abort(reason) }))).toBe(reason)
        expect(socket.destroyed).toBe(true)
      })
    })

    // A client that has everything it needs is done: its last stage is within the server's only flight.
    describe.each(STAGES.filter((bytes) => role === 'client' || bytes < 150))('after %i bytes of the peer', (bytes) => {
      it.each(['aborted', 'destroyed'])('%s', async (how) => {
        const before = openHandles()
        await withParted(load, { trust, certificate }, async (pair) => {
          const side = sideOf(pair)
          const { connection, peer, socket } = side
          const controller = new AbortController()
          const reason = new Error('enough')
          const failed = rejection(connection.handshake({ signal: controller.signal }))
          const peerFailed = rejection(peer.handshake())
          await letThrough(side, bytes)
          if (how === 'aborted') controller.abort(reason)
          else socket.destroy()
          if (how === 'aborted') expect(await failed).toBe(reason)
          else expect(await failed).toMatchObject({ domain: 'g-tls-error-quark', code: 'EOF' })
          expect(socket.destroyed).toBe(true)
          side.from.destroy()
          expect(await peerFailed).toMatchObject({ domain: 'g-tls-error-quark', code: 'EOF' })
        })
        expect(openHandles()).toBe(before)
      })
    })

    it('after the handshake, when it changes nothing', async () => {
      await withPair(load, { trust, certificate }, async (pair) => {
        const { connection, peer } = sideOf(pair)
        const controller = new AbortController()
        await Promise.all([connection.handshake({ signal: controller.signal }), peer.handshake()])
        controller.abort(new Error('too late'))
        peer.stream.write('still there')
        const [chunk] = (await once(connection.stream, 'data')) as [Buffer]
        expect(String(chunk)).toBe('still there')
      })
    })
  })

  it('leaves nothing open when twenty handshakes are destroyed in their middle', async () => {
    const before = openHandles()
    for (let count = 0; count < 20; count++) {
      await withParted(load, { trust, certificate }, async (pair) => {
        const failed = Promise.all([rejection(pair.client.handshake()), rejection(pair.server.handshake())])
        pair.clientWire.pipe(pair.serverWire)
        await once(pair.serverWire, 'readable')
        pair.clientSocket.destroy()
        pair.serverSocket.destroy()
        await failed
      })
    }
    // Node closes what was destroyed at the end of a turn.
    for (let turn = 0; turn < 1000 && openSockets() > 0; turn++) await nextTurn()
    expect(openSockets()).toBe(0)
    expect(openHandles()).toBe(before)
  })

  it.each([
    ['TLS 1.2', TlsProtocolVersion.TLS_1_2],
    ['TLS 1.3', TlsProtocolVersion.TLS_1_3],
  ])('while the interaction is asked for a certificate in %s, which is told', async (_, maximumVersion) => {
    const interaction = new SilentInteraction()
    const options = {
      trust,
      certificate,
      client: { interaction, maximumVersion },
      server: { authenticationMode: TlsAuthenticationMode.REQUESTED },
    }
    const before = openHandles()
    await withPair(load, options, async (pair) => {
      const controller = new AbortController()
      const failed = rejection(pair.client.handshake({ signal: controller.signal }))
      const peerFailed = rejection(pair.server.handshake())
      const signal = await interaction.asked.promise
      const reason = new Error('nobody home')
      controller.abort(reason)
      expect(await failed).toBe(reason)
      expect(signal?.aborted).toBe(true)
      pair.clientWire.destroy()
      pair.serverWire.destroy()
      expect(await peerFailed).toMatchObject({ code: 'EOF' })
    })
    expect(openHandles()).toBe(before)
  })
}

/** What Node has open of sockets, TLS or not. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS/.test(kind)).length
}
