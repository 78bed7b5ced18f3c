// A client certificate asked for in the middle of the handshake: the library is held back until there is an answer.
import { once } from 'node:events'
import { duplexPair, Transform, type Duplex } from 'node:stream'
import { TLSSocket, type TLSSocketOptions } from 'node:tls'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { connectedSockets, type IssuedCertificate } from '@wpe-networking/test-support'
import {
  TlsCertificate,
  TlsInteraction,
  type TlsBackendConnection,
  type TlsCertificateRequest,
  type TlsInteractionOptions,
} from '@wpe-networking/glib-networking-base'
import { createTrust, rejection, type Trust } from '../../glib-networking-base/test/conformance/peers.ts'
import { createBackend, type TlsBackendGnutls } from '../src/index.ts'

type Answer = (request: TlsCertificateRequest, options: TlsInteractionOptions) => Promise<TlsCertificate | null>

/** Answers as told, and remembers what it was asked. */
class Interaction extends TlsInteraction {
  readonly requests: TlsCertificateRequest[] = []
  readonly #answer: Answer

  constructor(answer: Answer) {
    super()
    this.#answer = answer
  }

  override requestCertificate(
    request: TlsCertificateRequest,
    options: TlsInteractionOptions = {},
  ): Promise<TlsCertificate | null> {
    this.requests.push(request)
    return this.#answer(request, options)
  }
}

let trust: Trust
let issued: IssuedCertificate
let own: TlsCertificate
let backend: TlsBackendGnutls
let open: Duplex[] = []

beforeAll(async () => {
  trust = await createTrust()
  issued = await trust.authority.issue()
  const mine = await trust.authority.issue({ commonName: 'me', usages: ['client'] })
  own = TlsCertificate.fromPem(mine.chainPem, { privateKeyPem: mine.privateKeyPem })
})
beforeEach(() => {
  backend = createBackend()
})
afterEach(() => {
  for (const stream of open) stream.destroy()
  open = []
  backend.releaseIdle()
  expect(backend.handles).toEqual({ sessions: 0, credentials: 0, certificates: 0 })
})

function asking(stream: Duplex, options: TLSSocketOptions = {}): TLSSocket {
  const { chainPem: cert, privateKeyPem: key } = issued
  const ca = trust.authority.certificatePem
  const socket = new TLSSocket(stream, {
    isServer: true,
    cert,
    key,
    ca,
    requestCert: true,
    rejectUnauthorized: false,
    ...options,
  })
  return socket.on('error', () => undefined)
}

function client(stream: Duplex, interaction: TlsInteraction): TlsBackendConnection {
  const options = { serverIdentity: 'localhost', database: trust.database, interaction }
  const connection = backend.createClientConnection(stream, options)
  open.push(connection.stream)
  return connection
}

async function pair(interaction: TlsInteraction, options?: TLSSocketOptions) {
  const sockets = await connectedSockets()
  return { connection: client(sockets.client, interaction), server: asking(sockets.server, options), sockets }
}

/** What the server has been given, once the client's first data has come. */
async function namePresented(server: TLSSocket, connection: TlsBackendConnection): Promise<string | undefined> {
  const arrived = once(server, 'data')
  connection.stream.write('x')
  await arrived
  return server.getPeerX509Certificate()?.subject
}

/** Cuts what passes into single bytes. */
function crumbling(stream: Duplex): Duplex {
  const [near, far] = duplexPair()
  const crumbs = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      for (const byte of chunk) this.push(Buffer.from([byte]))
      callback()
    },
  })
  stream.pipe(crumbs).pipe(far)
  far.pipe(stream)
  return near
}

const versions = ['TLSv1.2', 'TLSv1.3'] as const
const suites: readonly (readonly [string, TLSSocketOptions])[] = [
  ['AES-128-GCM', { ciphers: 'TLS_AES_128_GCM_SHA256' }],
  ['AES-256-GCM', { ciphers: 'TLS_AES_256_GCM_SHA384' }],
  ['ChaCha20', { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }],
  ['AES-128-CCM', { ciphers: 'TLS_AES_128_CCM_SHA256' }],
  ['another key exchange group after a HelloRetryRequest', { ecdhCurve: 'P-521' }],
]

it.each([
  ...versions.map((version) => [version, { minVersion: version, maxVersion: version }] as const),
  ...suites.map(([name, options]) => [`TLSv1.3 with ${name}`, { minVersion: 'TLSv1.3', ...options } as const] as const),
])('knows the authorities and presents what it is given: %s', async (_, options) => {
  const interaction = new Interaction(async () => {
    await new Promise(setImmediate)
    return own
  })
  const { connection, server } = await pair(interaction, options)
  const { acceptedCas } = await connection.handshake()
  expect(await namePresented(server, connection)).toBe('CN=me')
  expect(interaction.requests).toEqual([{ serverIdentity: 'localhost', acceptedCas }])
  expect(acceptedCas.map((name) => Buffer.from(name).toString('latin1'))).toEqual([
    expect.stringContaining('Test Root'),
  ])
})

it.each(versions)('takes a %s handshake in single bytes and in small records', async (version) => {
  const interaction = new Interaction(() => Promise.resolve(own))
  const sockets = await connectedSockets()
  const server = asking(sockets.server, { minVersion: version, maxVersion: version })
  server.setMaxSendFragment(512)
  const connection = client(crumbling(sockets.client), interaction)
  await connection.handshake()
  expect(await namePresented(server, connection)).toBe('CN=me')
  sockets.client.destroy()
})

it.each(versions)('goes on in %s without a certificate when there is none to give', async (version) => {
  const { connection, server } = await pair(new Interaction(() => Promise.resolve(null)), { maxVersion: version })
  await connection.handshake()
  expect(await namePresented(server, connection)).toBeUndefined()
})

it.each(versions)('asks nobody when a %s server asks for nothing', async (version) => {
  const interaction = new Interaction(() => Promise.resolve(own))
  const { connection, server } = await pair(interaction, { maxVersion: version, requestCert: false })
  expect((await connection.handshake()).acceptedCas).toEqual([])
  expect(await namePresented(server, connection)).toBeUndefined()
  expect(interaction.requests).toEqual([])
})

it.each(versions)('ends a %s handshake with the error of the interaction, and tells the peer', async (version) => {
  const { connection, server } = await pair(new Interaction(() => Promise.reject(new Error('never mind'))), {
    maxVersion: version,
  })
  // OpenSSL takes the alert as an error in TLS 1.2, and waits for what follows it in TLS 1.3: here the end.
  const told = version === 'TLSv1.2' ? once(server, 'error') : once(server, 'close')
  expect((await rejection(connection.handshake())).message).toBe('never mind')
  const [reason] = (await told) as [unknown]
  if (version === 'TLSv1.2') expect(reason).toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_USER_CANCELLED' })
})

it('refuses a certificate without its private key', async () => {
  const { connection } = await pair(new Interaction(() => Promise.resolve(new TlsCertificate(own.certificatePem))))
  expect(await rejection(connection.handshake())).toMatchObject({ code: 'BAD_CERTIFICATE' })
})

it.each([
  ['the handshake is aborted', (controller: AbortController) => controller.abort(new Error('enough'))],
  ['the stream is destroyed', (_: AbortController, { stream }: TlsBackendConnection) => stream.destroy()],
])('tells whoever is asked when %s', async (_, end) => {
  const controller = new AbortController()
  const asked = Promise.withResolvers<AbortSignal | undefined>()
  const answer = Promise.withResolvers<TlsCertificate>()
  const { connection } = await pair(
    new Interaction((_request, { signal }) => {
      asked.resolve(signal)
      return answer.promise
    }),
  )
  const failed = rejection(connection.handshake({ signal: controller.signal }))
  const signal = await asked.promise
  end(controller, connection)
  expect(await failed).toBe(signal?.reason)
  expect(signal?.aborted).toBe(true)
  expect(backend.handles.sessions).toBe(0)
  answer.resolve(own)
  await answer.promise
})

it('notices that the server goes away while somebody is asked', async () => {
  const sockets = await connectedSockets()
  asking(sockets.server)
  const leaving = new Interaction(() => {
    sockets.server.destroy()
    return new Promise(() => undefined)
  })
  expect(await rejection(client(sockets.client, leaving).handshake())).toMatchObject({ code: 'EOF' })
})
