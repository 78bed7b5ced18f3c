// What a handshake tells on the diagnostics channels.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { withRawTlsServer } from '@wpe-networking/test-support'
import { TlsCertificateFlags, type TlsDiagnostics } from '@wpe-networking/glib-networking-base'
import { connectClient, createTrust, rejection } from '../../glib-networking-base/test/conformance/peers.ts'
import { load } from '../src/index.ts'

const CHANNELS = ['wpe:tls:handshake-start', 'wpe:tls:handshake-end', 'wpe:tls:handshake-error']
let seen: [string, TlsDiagnostics & Record<string, unknown>][]
const note = (message: unknown, name: string | symbol): void => {
  seen.push([String(name), message as TlsDiagnostics & Record<string, unknown>])
}

beforeEach(() => {
  seen = []
  for (const name of CHANNELS) subscribe(name, note)
})
afterEach(() => {
  for (const name of CHANNELS) unsubscribe(name, note)
})

it('tells of a handshake that began and ended', async () => {
  const { authority, database } = await createTrust()
  const certificate = await authority.issue()
  await withRawTlsServer(
    () => undefined,
    { certificate },
    async (server) => {
      const { result, stream } = await connectClient(load, server, { serverIdentity: 'localhost', database })
      stream.destroy()
      expect(seen.map(([name]) => name)).toEqual(['wpe:tls:handshake-start', 'wpe:tls:handshake-end'])
      const [start, end] = seen.map(([, message]) => message)
      expect(start).toMatchObject({ backend: 'openssl', side: 'client', serverIdentity: 'localhost' })
      expect(end).toMatchObject({ connectionId: start?.connectionId, result })
      expect(end?.time).toBeGreaterThan(start?.time ?? Infinity)
      expect(Math.abs(Date.now() - (end?.time ?? 0))).toBeLessThan(5000)
    },
  )
})

it('tells of a handshake that failed, with the flags', async () => {
  const { authority, database } = await createTrust()
  const certificate = await authority.issueRole('expired')
  await withRawTlsServer(
    () => undefined,
    { certificate },
    async (server) => {
      const error = await rejection(connectClient(load, server, { serverIdentity: 'localhost', database }))
      const [, failure] = seen[1] ?? []
      expect(seen[1]?.[0]).toBe('wpe:tls:handshake-error')
      expect(failure).toMatchObject({ error, flags: TlsCertificateFlags.EXPIRED })
    },
  )
})
