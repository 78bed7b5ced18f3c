// Every handle of the library is given back, whatever becomes of the connection.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { connectedSockets, withRawServer, withRawTlsServer, type IssuedCertificate } from '@wpe-networking/test-support'
import { TlsCertificate } from '@wpe-networking/glib-networking-base'
import {
  connectClient,
  createTrust,
  firstText,
  rejection,
  type Trust,
} from '../../glib-networking-base/test/conformance/peers.ts'
import { createBackend, type TlsBackendGnutls } from '../src/index.ts'

let trust: Trust
let certificate: IssuedCertificate
let backend: TlsBackendGnutls
const load = (): TlsBackendGnutls => backend
const none = { sessions: 0, credentials: 0, certificates: 0 }

beforeAll(async () => {
  trust = await createTrust()
  certificate = await trust.authority.issue()
})

beforeEach(() => {
  backend = createBackend()
  expect(backend.handles).toEqual(none)
})

const client = (): { serverIdentity: string; database: Trust['database'] } => ({
  serverIdentity: 'localhost',
  database: trust.database,
})

it('makes no handle before the handshake', async () => {
  const { client: socket, server } = await connectedSockets()
  backend.createClientConnection(socket, client())
  expect(backend.handles).toEqual(none)
  socket.destroy()
  server.destroy()
})

it('shares the parsed anchors among connections and gives everything back at the end', async () => {
  await withRawTlsServer(
    (socket) =>
      void socket
        .on('error', () => undefined)
        .resume()
        .write('hello'),
    { certificate },
    async (server) => {
      const open = await Promise.all(Array.from({ length: 20 }, () => connectClient(load, server, client())))
      expect(backend.handles).toEqual({ sessions: 20, credentials: 1, certificates: 0 })
      for (const { stream } of open) {
        stream.resume().end()
        await finished(stream)
      }
      expect(backend.handles).toEqual({ sessions: 0, credentials: 1, certificates: 0 })
      backend.releaseIdle()
      expect(backend.handles).toEqual(none)
    },
  )
})

it('keeps what it parsed for a few databases only', async () => {
  await withRawTlsServer(
    (socket) => void socket.on('error', () => undefined),
    { certificate },
    async (server) => {
      for (let count = 0; count < 12; count++) {
        const { database } = await createTrust()
        await rejection(connectClient(load, server, { serverIdentity: 'localhost', database }))
      }
      expect(backend.handles).toEqual({ sessions: 0, credentials: 8, certificates: 0 })
      backend.releaseIdle()
    },
  )
})

it('frees connections that are aborted or destroyed in the handshake, at every stage', async () => {
  const stages: ((abort: () => void, socket: Socket) => void)[] = [
    (abort) => abort(),
    (abort, socket) => void socket.once('data', abort),
    (_, socket) => void socket.once('data', () => socket.destroy()),
    (_, socket) => void socket.once('data', () => socket.resetAndDestroy()),
    (_, socket) => void socket.once('data', () => socket.end('not TLS at all')),
  ]
  for (const stage of stages) {
    const controller = new AbortController()
    await withRawServer(
      (socket) =>
        stage(
          () => controller.abort(),
          socket.on('error', () => undefined),
        ),
      async (server) => {
        await rejection(connectClient(load, server, client(), controller.signal))
        expect(backend.handles.sessions).toBe(0)
      },
    )
  }
  backend.releaseIdle()
})

it('survives an abort, and a destroyed stream, in the middle of a call into the library', async () => {
  const expired = await trust.authority.issueRole('expired')
  await withRawTlsServer(
    (socket) => void socket.on('error', () => undefined),
    { certificate: expired },
    async (server) => {
      const controller = new AbortController()
      const acceptCertificate = (): boolean => {
        controller.abort(new Error('changed my mind'))
        expect(backend.handles.sessions).toBe(1)
        return true
      }
      const error = await rejection(connectClient(load, server, { ...client(), acceptCertificate }, controller.signal))
      expect(error.message).toBe('changed my mind')
      expect(backend.handles.sessions).toBe(0)

      const { client: socket, server: peer } = await connectedSockets()
      const own = TlsCertificate.fromPem(expired.chainPem, { privateKeyPem: expired.privateKeyPem })
      const accepted = backend.createServerConnection(peer, { certificate: own })
      const refusing = backend.createClientConnection(socket, {
        ...client(),
        acceptCertificate: () => {
          refusing.stream.destroy()
          return true
        },
      })
      const results = await Promise.allSettled([refusing.handshake(), accepted.handshake()])
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
      expect(backend.handles.sessions).toBe(0)
      backend.releaseIdle()
    },
  )
})

it('frees the session of a stream nobody reads when the stream below is destroyed', async () => {
  await withRawTlsServer(
    (socket) => void socket.on('error', () => undefined).write('unread'),
    { certificate },
    async (server) => {
      const { stream, socket } = await connectClient(load, server, client())
      stream.on('error', () => undefined)
      socket.destroy()
      await once(socket, 'close')
      expect(backend.handles.sessions).toBe(0)
      stream.destroy()
      backend.releaseIdle()
    },
  )
})

it('ends where it began after 200 connections of all kinds', async () => {
  const bad = await trust.authority.issueRole('wrong-host')
  for (const served of [certificate, bad]) {
    await withRawTlsServer(
      (socket) => void socket.on('error', () => undefined).write('hello'),
      { certificate: served },
      async (server) => {
        for (let round = 0; round < 10; round++) {
          await Promise.all(
            Array.from({ length: 10 }, async (_, index) => {
              const controller = new AbortController()
              if (index % 3 === 0) setImmediate(() => controller.abort())
              try {
                const { stream } = await connectClient(load, server, client(), controller.signal)
                if (index % 2 === 0) await firstText(stream)
                stream.destroy()
              } catch {
                // Aborted or refused: what counts is what is left.
              }
            }),
          )
        }
      },
    )
  }
  backend.releaseIdle()
  expect(backend.handles).toEqual(none)
})
