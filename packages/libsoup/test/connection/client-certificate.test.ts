// Client certificates: set beforehand, asked for by signals of the message, or by the session's interaction; and who may
// share a connection that has shown one.

import { createPrivateKey } from 'node:crypto'
import type { Server as HttpsServer } from 'node:https'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { TlsCertificate, TlsDatabase, TlsInteraction } from '@wpe-networking/glib-gio'
import type { TlsBackendName } from '@wpe-networking/glib-gio'
import { CertificateAuthority } from '@wpe-networking/test-support'
import type { IssuedCertificate } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Message, Session } from '../../src/index.ts'

let alice: IssuedCertificate
let aliceCertificate: TlsCertificate
let bobCertificate: TlsCertificate
let tlsDatabase: TlsDatabase
let servers: HttpsServer[]
let origins: string[]
const sockets = new Set<Socket>()
let sessionsSeen = 0

/** Says whose certificate it got. */
async function startAsking(certificate: IssuedCertificate, ca: string): Promise<HttpsServer> {
  const server = createServer(
    { cert: certificate.chainPem, key: certificate.privateKeyPem, ca, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const elsewhere = new URL(request.url ?? '/', 'https://x').searchParams.get('to')
      if (elsewhere !== null) response.writeHead(302, { Location: elsewhere })
      const subject = (request.socket as TLSSocket).getPeerCertificate().subject as { CN?: string } | undefined
      response.end(subject?.CN ?? 'nobody')
    },
  )
  server.on('secureConnection', (socket) => {
    sessionsSeen++
    sockets.add(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

beforeAll(async () => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue({ dnsNames: ['localhost'] })
  alice = await authority.issue({ commonName: 'alice' })
  aliceCertificate = TlsCertificate.fromPem(alice.chainPem + alice.privateKeyPem)
  const bob = await authority.issue({ commonName: 'bob' })
  bobCertificate = TlsCertificate.fromPem(bob.chainPem + bob.privateKeyPem)
  tlsDatabase = new TlsDatabase([authority.certificatePem])
  servers = await Promise.all([1, 2].map(() => startAsking(certificate, authority.certificatePem)))
  origins = servers.map((server) => `https://localhost:${(server.address() as AddressInfo).port}/`)
})

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
})

async function whoAmI(session: Session, set: (message: Message) => void = () => undefined): Promise<string> {
  const message = new Message('GET', origins[0] as string)
  set(message)
  return (await session.sendAndRead(message)).toString()
}

describe.each<TlsBackendName>(['openssl', 'gnutls'])('a client certificate, with %s', (tlsBackend) => {
  const open = (options: { tlsInteraction?: TlsInteraction } = {}): Session =>
    new Session({ tlsDatabase, tlsBackend, proxyResolver: null, ...options })

  test('set beforehand is shown, and its connection serves no other identity', async () => {
    using session = open()
    const before = sessionsSeen
    expect(await whoAmI(session)).toBe('nobody')
    expect(await whoAmI(session, (message) => message.setTlsClientCertificate(aliceCertificate))).toBe('alice')
    expect(await whoAmI(session, (message) => message.setTlsClientCertificate(bobCertificate))).toBe('bob')
    expect(await whoAmI(session)).toBe('nobody')
    expect(await whoAmI(session, (message) => message.setTlsClientCertificate(aliceCertificate))).toBe('alice')
    expect(sessionsSeen - before).toBe(3)
  })

  test('is not shown to another host by a redirect', async () => {
    using session = open()
    const message = new Message('GET', `${origins[0]}?to=${encodeURIComponent(origins[1] as string)}`)
    message.setTlsClientCertificate(aliceCertificate)
    expect((await session.sendAndRead(message)).toString()).toBe('nobody')
    expect(message.uri.toString()).toBe(origins[1])
  })

  test('asked for by a signal is waited for, and nobody else uses the connection', async () => {
    using session = open()
    const later = (message: Message): void =>
      void message.on('request-certificate', () => {
        setImmediate(() => message.setTlsClientCertificate(aliceCertificate))
        return true
      })
    expect(await whoAmI(session, later)).toBe('alice')
    expect(await whoAmI(session)).toBe('nobody')
    const declined = (message: Message): void =>
      void message.on('request-certificate', () => {
        message.setTlsClientCertificate(null)
        return true
      })
    expect(await whoAmI(session, declined)).toBe('nobody')
    expect(await whoAmI(session, (message) => void message.on('request-certificate', () => false))).toBe('nobody')
  })

  test('whose key is encrypted has its password asked for, until it is right', async () => {
    using session = open()
    const key = createPrivateKey(alice.privateKeyPem)
    const encrypted = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'sesame' })
    const asked: string[] = []
    const set = (message: Message): void => {
      message.setTlsClientCertificate((password) =>
        TlsCertificate.fromPem(alice.chainPem + String(encrypted), password === null ? {} : { password }),
      )
      message.on('request-certificate-password', (password) => {
        asked.push(password.warning)
        password.setValue(asked.length === 1 ? 'wrong' : 'sesame')
        setImmediate(() => message.tlsClientCertificatePasswordRequestComplete())
        return true
      })
    }
    expect(await whoAmI(session, set)).toBe('alice')
    expect(asked).toEqual(['', 'The password was wrong.'])
    const unanswered = whoAmI(session, (message) => {
      message.setTlsClientCertificate((password) =>
        TlsCertificate.fromPem(alice.chainPem + String(encrypted), password === null ? {} : { password }),
      )
    })
    await expect(unanswered).rejects.toMatchObject({ code: 'BAD_CERTIFICATE_PASSWORD' })
  })

  test('of the session is asked of its interaction and shared by its messages', async () => {
    const requestCertificate = vi.fn(() => Promise.resolve(aliceCertificate))
    const tlsInteraction = Object.assign(new TlsInteraction(), { requestCertificate })
    using session = open({ tlsInteraction })
    const listener = vi.fn(() => true)
    expect(await whoAmI(session, (message) => void message.on('request-certificate', listener))).toBe('alice')
    expect(await whoAmI(session)).toBe('alice')
    expect(requestCertificate).toHaveBeenCalledTimes(1)
    expect(listener).not.toHaveBeenCalled()
  })

  test('that nobody brings in time ends with the message', async () => {
    using session = open()
    const controller = new AbortController()
    const message = new Message('GET', origins[0] as string)
    message.on('request-certificate', () => {
      setImmediate(() => controller.abort())
      return true
    })
    const sent = session.sendAndRead(message, { signal: controller.signal })
    await expect(sent).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

test('messages of different isolation keys never share a connection', async () => {
  using session = new Session({ tlsDatabase, proxyResolver: null })
  const ids = new Map<string | null, Set<number>>()
  for (const isolationKey of ['a', 'b', null, 'a', 'b', null]) {
    const message = new Message('GET', origins[0] as string)
    message.isolationKey = isolationKey
    await session.sendAndRead(message)
    ids.set(isolationKey, (ids.get(isolationKey) ?? new Set()).add(message.connectionId))
  }
  expect([...ids.values()].map((set) => set.size)).toEqual([1, 1, 1])
  expect(new Set([...ids.values()].flatMap((set) => [...set])).size).toBe(3)
})

test("a listener of 'accept-certificate' accepts for its own message only", async () => {
  using session = new Session({ tlsDatabase: new TlsDatabase([]), proxyResolver: null })
  const accept = (message: Message): void => void message.on('accept-certificate', () => true)
  expect(await whoAmI(session, accept)).toBe('nobody')
  await expect(whoAmI(session)).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })
  expect(await whoAmI(session, accept)).toBe('nobody')
  await expect(whoAmI(session, (message) => void message.on('accept-certificate', () => false))).rejects.toMatchObject({
    code: 'BAD_CERTIFICATE',
  })
})
