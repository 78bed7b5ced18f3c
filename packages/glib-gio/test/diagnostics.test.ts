import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CertificateAuthority, connectedSockets, withRawServer } from '@wpe-networking/test-support'
import {
  SocketClient,
  TlsCertificate,
  TlsClientConnection,
  TlsDatabase,
  TlsServerConnection,
} from '@wpe-networking/glib-gio'
import type { ResolverDiagnostics, SocketClientDiagnostics, TlsDiagnosticsMessage } from '@wpe-networking/glib-gio'
import { FakeResolver } from './resolver/fake-resolver.ts'

const undo: (() => void)[] = []

afterEach(() => {
  vi.useRealTimers()
  for (const step of undo.splice(0)) step()
})

function messagesOn<Message>(name: string): Message[] {
  const messages: Message[] = []
  const onMessage = (message: unknown): void => void messages.push(message as Message)
  subscribe(name, onMessage)
  undo.push(() => unsubscribe(name, onMessage))
  return messages
}

describe('diagnostics', () => {
  it('tell the story of a connection, stage by stage', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) // however slow this machine is, no attempt is late
    const resolving = messagesOn<ResolverDiagnostics>('wpe:gio:resolver')
    const connecting = messagesOn<SocketClientDiagnostics>('wpe:gio:socket-client')
    await withRawServer(
      (socket) => socket.end(),
      async ({ port }) => {
        const resolver = new FakeResolver({ 'h.example': ['127.0.0.13', '127.0.0.1'] })
        await (await new SocketClient({ resolver }).connectToHost('h.example', port)).close()

        const connectable = `h.example:${port}`
        const { connectId } = connecting[0]!
        expect(connecting).toEqual(
          (
            [
              ['RESOLVING', null],
              ['RESOLVED', null],
              ['CONNECTING', `127.0.0.13:${port}`],
              ['ATTEMPT_FAILED', `127.0.0.13:${port}`],
              ['CONNECTING', `127.0.0.1:${port}`],
              ['CONNECTED', `127.0.0.1:${port}`],
              ['COMPLETE', `127.0.0.1:${port}`],
            ] as const
          ).map(([event, remoteAddress]) => ({
            event,
            connectId,
            connectable,
            remoteAddress,
            time: expect.any(Number) as number,
            ...(event === 'ATTEMPT_FAILED' && {
              error: expect.objectContaining({ code: 'CONNECTION_REFUSED' }) as unknown,
            }),
          })),
        )
        expect(resolving).toMatchObject([
          { state: 'lookup', hostname: 'h.example' },
          { state: 'resolved', hostname: 'h.example', addresses: ['127.0.0.13', '127.0.0.1'] },
        ])
        const times = connecting.map((message) => message.time)
        expect(times).toEqual([...times].sort((a, b) => a - b))
        expect(Math.abs(times[0]! - Date.now())).toBeLessThan(3_600_000) // the two clocks may have drifted apart
      },
    )
  })

  it('carry the error of what failed', async () => {
    const resolving = messagesOn<ResolverDiagnostics>('wpe:gio:resolver')
    const connecting = messagesOn<SocketClientDiagnostics>('wpe:gio:socket-client')
    const error: unknown = await new SocketClient({ resolver: new FakeResolver({}) })
      .connectToHost('nowhere.example', 1)
      .catch((reason: unknown) => reason)
    expect(resolving.at(-1)).toMatchObject({ state: 'failed', error })
    expect(connecting.at(-1)).toMatchObject({ event: 'COMPLETE', remoteAddress: null, error })
  })

  it('tell both ends of a handshake', async () => {
    const messages = messagesOn<TlsDiagnosticsMessage>('wpe:gio:tls')
    const authority = await CertificateAuthority.create()
    const issued = await authority.issue({ dnsNames: ['localhost'] })
    const certificate = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
    const sockets = await connectedSockets()
    const database = new TlsDatabase([authority.certificatePem])
    const client = TlsClientConnection.create(sockets.client, {
      serverIdentity: 'localhost',
      database,
      backend: 'openssl',
    })
    const server = TlsServerConnection.create(sockets.server, { certificate, backend: 'openssl' })
    await Promise.all([client.handshake(), server.handshake()])
    const of = (side: string): TlsDiagnosticsMessage[] => messages.filter((message) => message.side === side)
    expect(of('client')).toMatchObject([
      { state: 'handshaking', backend: 'openssl', serverIdentity: 'localhost' },
      { state: 'handshaked', ciphersuiteName: client.ciphersuiteName, negotiatedProtocol: null, resumed: false },
    ])
    expect(of('server')).toMatchObject([{ state: 'handshaking', serverIdentity: null }, { state: 'handshaked' }])
    expect(of('client')[0]?.connectionId).not.toBe(of('server')[0]?.connectionId)
    await Promise.all([client.close(), server.close()])
  })
})
