// What a client asks, offers and remembers: the question for a certificate, OCSP responses, sessions.
import { once } from 'node:events'
import { duplexPair, type Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type ListeningServer, withConnectedSockets, withRawTlsServer } from '@wpe-networking/test-support'
import {
  TlsCertificate,
  TlsCertificateFlags,
  type TlsCertificateRequest,
  type TlsClientConnectionOptions,
  TlsDatabase,
  TlsInteraction,
  type TlsInteractionOptions,
} from '@wpe-networking/glib-networking-base'
import {
  connectClient,
  createTrust,
  firstText,
  rejection,
  type Trust,
} from '../../glib-networking-base/test/conformance/peers.ts'
import { load, opensslBackend } from '../src/index.ts'

const DAY_MS = 24 * 60 * 60_000

let trust: Trust
let options: TlsClientConnectionOptions
const greet = (socket: TLSSocket): void => void socket.write('hello')

beforeAll(async () => {
  trust = await createTrust()
  options = { serverIdentity: 'localhost', database: trust.database }
})

/** Answers with what it was made with. */
class Answer extends TlsInteraction {
  readonly requests: TlsCertificateRequest[] = []
  signal: AbortSignal | undefined
  readonly #answer: Promise<TlsCertificate | null>

  constructor(answer: Promise<TlsCertificate | null>) {
    super()
    this.#answer = answer
  }

  override requestCertificate(
    request: TlsCertificateRequest,
    { signal }: TlsInteractionOptions = {},
  ): Promise<TlsCertificate | null> {
    this.requests.push(request)
    this.signal = signal
    return this.#answer
  }
}

describe('the question for a certificate', () => {
  const never = new Promise<null>(() => undefined)

  function ask(base: Duplex, interaction: TlsInteraction, signal?: AbortSignal): Promise<Error> {
    const connection = opensslBackend.createClientConnection(base, { ...options, interaction })
    return rejection(connection.handshake({ signal }))
  }

  it('comes before anything is sent', async () => {
    const [base, far] = duplexPair()
    const interaction = new Answer(never)
    const failed = ask(base, interaction)
    expect(interaction.requests).toEqual([{ serverIdentity: 'localhost', acceptedCas: [] }])
    expect(far.readableLength).toBe(0)
    base.destroy()
    await failed
  })

  it('ends with the reason of an abort', async () => {
    const [base] = duplexPair()
    const interaction = new Answer(never)
    const controller = new AbortController()
    const failed = ask(base, interaction, controller.signal)
    controller.abort(new Error('enough'))
    expect((await failed).message).toBe('enough')
    expect(interaction.signal?.aborted).toBe(true)
    expect(base.destroyed).toBe(true)
    expect(base.listenerCount('error')).toBe(0)
  })

  it('ends with EOF when the connection closes', async () => {
    const [base] = duplexPair()
    const interaction = new Answer(never)
    const failed = ask(base, interaction)
    base.destroy()
    expect(await failed).toMatchObject({ code: 'EOF' })
    expect(interaction.signal?.aborted).toBe(true)
  })

  it('ends with the error of the connection', async () => {
    const [base] = duplexPair()
    const failed = ask(base, new Answer(never))
    const broken = new Error('the cable broke')
    base.destroy(broken)
    expect(await failed).toBe(broken)
  })

  it('ends with what the interaction rejects with', async () => {
    const [base] = duplexPair()
    const refused = new Error('not this one')
    expect(await ask(base, new Answer(Promise.reject(refused)))).toBe(refused)
    expect(base.destroyed).toBe(true)
  })

  it('ends with BAD_CERTIFICATE when the answer has no private key', async () => {
    const [base] = duplexPair()
    const bare = TlsCertificate.fromPem(trust.authority.certificatePem)
    expect(await ask(base, new Answer(Promise.resolve(bare)))).toMatchObject({ code: 'BAD_CERTIFICATE' })
    expect(base.destroyed).toBe(true)
  })

  it('is not asked with a certificate at hand', async () => {
    const issued = await trust.authority.issue()
    const certificate = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
    const interaction = new Answer(never)
    await withRawTlsServer(greet, { certificate: issued }, async (server) => {
      const { stream } = await connectClient(load, server, { ...options, certificate, interaction })
      expect(interaction.requests).toEqual([])
      stream.destroy()
    })
  })
})

it('asks for an OCSP response, which servers of its own staple as given', async () => {
  const issued = await trust.authority.issue()
  const certificate = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
  const ocspResponse = Buffer.from('a response')
  for (const stapled of [ocspResponse, undefined]) {
    await withConnectedSockets(async (sockets) => {
      const server = opensslBackend.createServerConnection(sockets.server, { certificate, ocspResponse: stapled })
      // Whatever is made of the response, the socket has seen it.
      const acceptCertificate = (): boolean => true
      const client = opensslBackend.createClientConnection(sockets.client, { ...options, acceptCertificate })
      const [result] = await Promise.all([client.handshake(), server.handshake()])
      expect(result.peerCertificateErrors === 0).toBe(stapled === undefined)
    })
  }
})

describe('sessions', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  async function connectOnce(
    server: ListeningServer,
    more: Partial<TlsClientConnectionOptions> = {},
  ): Promise<boolean> {
    const { result, stream } = await connectClient(load, server, { ...options, ...more })
    await firstText(stream)
    stream.destroy()
    return result.resumed
  }

  it('uses a session of TLS 1.2 more than once', async () => {
    const certificate = await trust.authority.issue()
    const database = new TlsDatabase(trust.database.anchorsPem)
    await withRawTlsServer(greet, { certificate, tls: { maxVersion: 'TLSv1.2' } }, async (server) => {
      const resumed: boolean[] = []
      for (let count = 0; count < 4; count++) resumed.push(await connectOnce(server, { database }))
      expect(resumed).toEqual([false, true, true, true])
    })
  })

  it('uses a ticket of TLS 1.3 once; node:tls gives two in a full handshake and none in a resumed one', async () => {
    const certificate = await trust.authority.issue()
    const database = new TlsDatabase(trust.database.anchorsPem)
    await withRawTlsServer(greet, { certificate }, async (server) => {
      const resumed: boolean[] = []
      for (let count = 0; count < 4; count++) resumed.push(await connectOnce(server, { database }))
      expect(resumed).toEqual([false, true, true, false])
    })
  })

  it('offers no session whose certificate has expired since', async () => {
    const certificate = await trust.authority.issue({ notAfter: new Date(Date.now() + DAY_MS) })
    const database = new TlsDatabase(trust.database.anchorsPem)
    await withRawTlsServer(greet, { certificate }, async (server) => {
      await connectOnce(server, { database })
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * DAY_MS })
      const error = await rejection(connectOnce(server, { database }))
      expect(error.flags).toBe(TlsCertificateFlags.EXPIRED)
    })
  })

  it('does not resume for other protocols', async () => {
    const certificate = await trust.authority.issue()
    const database = new TlsDatabase(trust.database.anchorsPem)
    await withRawTlsServer(greet, { certificate, tls: { ALPNProtocols: ['h2', 'http/1.1'] } }, async (server) => {
      await connectOnce(server, { database, advertisedProtocols: ['h2'] })
      expect(await connectOnce(server, { database, advertisedProtocols: ['http/1.1'] })).toBe(false)
      expect(await connectOnce(server, { database, advertisedProtocols: ['h2'] })).toBe(true)
    })
  })
})

it('gives the chain of issuers, whatever else was sent and in whatever order', async () => {
  const upper = await trust.authority.createIntermediate({ commonName: 'Upper' })
  const lower = await upper.createIntermediate({ commonName: 'Lower' })
  const leaf = await lower.issue()
  const stranger = (await createTrust()).authority
  const chainPem = [
    leaf.certificatePem,
    upper.certificatePem,
    stranger.certificatePem,
    trust.authority.certificatePem,
    lower.certificatePem,
  ].join('')
  await withRawTlsServer(greet, { certificate: { ...leaf, chainPem } }, async (server) => {
    const { result, stream } = await connectClient(load, server, options)
    const names: string[] = []
    for (let link = result.peerCertificate; link !== null; link = link.issuer) names.push(link.subjectName)
    expect(names).toEqual(['CN=localhost', 'CN=Lower', 'CN=Upper', 'CN=Test Root'])
    stream.destroy()
    await once(stream, 'close')
  })
})
