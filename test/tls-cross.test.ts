// Each TLS backend with the other one, and both with the command line tools of their libraries: what one end says the other
// understands, and the same chain gets the same verdict.
import { once } from 'node:events'
import { connect } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  TlsAuthenticationMode,
  TlsChannelBindingType,
  TlsDatabase,
  TlsError,
  TlsInteraction,
  TlsProtocolVersion,
  type LoadTlsBackend,
  type TlsCertificate,
} from '@wpe-networking/glib-networking-base'
import { load as loadGnutls } from '@wpe-networking/glib-networking-gnutls'
import { load as loadOpenssl } from '@wpe-networking/glib-networking-openssl'
import { withRawServer } from '@wpe-networking/test-support'
import { buildingCases } from '../packages/glib-networking-base/test/conformance/chains/building-cases.ts'
import type { ChainCase, PresentedChain } from '../packages/glib-networking-base/test/conformance/chains/chain-case.ts'
import { constraintCases } from '../packages/glib-networking-base/test/conformance/chains/constraint-cases.ts'
import { verdict, type ChainVerdict } from '../packages/glib-networking-base/test/conformance/chains/judges.ts'
import { withOrigin } from '../packages/glib-networking-base/test/conformance/origin.ts'
import { ownCertificate, release, withPair } from '../packages/glib-networking-base/test/conformance/pair.ts'
import { createTrust, firstText, type Trust } from '../packages/glib-networking-base/test/conformance/peers.ts'
import { hasTlsTools, toolAccepts, withToolServer, type TlsTool } from './tls-tools.ts'
import { unpresentable } from './unpresentable-chains.ts'

const BACKENDS: readonly (readonly [string, LoadTlsBackend])[] = [
  ['openssl', loadOpenssl],
  ['gnutls', loadGnutls],
]
const TOOLS: readonly TlsTool[] = ['openssl', 'gnutls']

let trust: Trust
let certificate: TlsCertificate

beforeAll(async () => {
  trust = await createTrust()
  certificate = ownCertificate(await trust.authority.issue())
})

describe.each([
  ['openssl', 'gnutls', loadOpenssl, loadGnutls],
  ['gnutls', 'openssl', loadGnutls, loadOpenssl],
] as const)('a client of %s with a server of %s', (_, __, load, loadServer) => {
  describe.each([
    ['TLS 1.2', TlsProtocolVersion.TLS_1_2],
    ['TLS 1.3', TlsProtocolVersion.TLS_1_3],
  ])('in %s', (___, maximumVersion) => {
    it('agrees on version, cipher, protocol and channel bindings, and carries data', async () => {
      const client = { maximumVersion, advertisedProtocols: ['h2', 'http/1.1'] }
      const server = { advertisedProtocols: ['http/1.1'] }
      await withPair(load, { trust, certificate, client, server, loadServer }, async (pair) => {
        const [result, serverResult] = await pair.handshake()
        expect(result).toMatchObject({ protocolVersion: maximumVersion, negotiatedProtocol: 'http/1.1' })
        expect(serverResult.protocolVersion).toBe(result.protocolVersion)
        expect(serverResult.ciphersuiteName).toBe(result.ciphersuiteName)
        expect(serverResult.negotiatedProtocol).toBe('http/1.1')
        for (const type of Object.values(TlsChannelBindingType)) {
          if (type === TlsChannelBindingType.TLS_UNIQUE && maximumVersion === TlsProtocolVersion.TLS_1_3) continue
          expect(pair.server.getChannelBindingData(type)).toEqual(pair.client.getChannelBindingData(type))
        }
        pair.client.stream.write('question')
        expect(await firstText(pair.server.stream)).toBe('question')
        pair.server.stream.write('answer')
        expect(await firstText(pair.client.stream)).toBe('answer')
      })
    })

    it('presents a client certificate that it is asked for', async () => {
      const mine = ownCertificate(await trust.authority.issue({ commonName: 'me', usages: ['client'] }))
      class Interaction extends TlsInteraction {
        override requestCertificate(): Promise<TlsCertificate | null> {
          return Promise.resolve(mine)
        }
      }
      const client = { maximumVersion, interaction: new Interaction() }
      const server = { authenticationMode: TlsAuthenticationMode.REQUIRED }
      await withPair(load, { trust, certificate, client, server, loadServer }, async (pair) => {
        const [, { peerCertificate, peerCertificateErrors }] = await pair.handshake()
        expect(peerCertificate?.isSame(mine)).toBe(true)
        expect(peerCertificateErrors).toBe(0)
      })
    })

    it('resumes two of three connections', async () => {
      const options = { serverIdentity: 'localhost', database: new TlsDatabase(trust.database.anchorsPem) }
      const seen: (readonly [boolean, boolean])[] = []
      await withOrigin(
        loadServer,
        { certificate, maximumVersion },
        async (origin) => {
          for (let count = 0; count < 3; count++) {
            await origin.visit(options, ({ result, serverResult }) => seen.push([result.resumed, serverResult.resumed]))
          }
        },
        load,
      )
      expect(seen).toEqual([false, true, true].map((resumed) => [resumed, resumed]))
    })
  })
})

const cases: readonly ChainCase[] = [...buildingCases, ...constraintCases].filter(
  ({ name }) => name !== 'an empty database', // The tools' clients would take the system's.
)
const presentableBy = (presenter: keyof typeof unpresentable): readonly (readonly [string, ChainCase])[] =>
  cases
    .filter(({ name }) => !unpresentable[presenter].some(({ pattern }) => pattern.test(name)))
    .map((chainCase) => [chainCase.name, chainCase])

describe.skipIf(!hasTlsTools)('the same verdict', () => {
  const anchorsOf = (chain: PresentedChain): readonly string[] => chain.anchors ?? trust.database.anchorsPem

  describe.each(TOOLS)('of both backends on what a server of the %s tools presents', (tool) => {
    it.each(presentableBy(tool))('%s', async (_, { make, flags }) => {
      const chain = await make({ trust, usage: 'server' })
      await withToolServer(tool, chain, async (port) => {
        for (const [, load] of BACKENDS) {
          expect(await judge(load, port, chain, new TlsDatabase(anchorsOf(chain)))).toEqual(verdict(flags))
        }
      })
    })
  })

  describe.each(TOOLS)('of a client of the %s tools on what both backends present', (tool) => {
    it.each(presentableBy('backend'))('%s', async (_, { make, flags }) => {
      const chain = await make({ trust, usage: 'server' })
      const verdicts = BACKENDS.map(async ([, load]) => {
        return await withPresenter(load, chain, async (port) => await toolAccepts(tool, port, chain, anchorsOf(chain)))
      })
      expect(await Promise.all(verdicts)).toEqual([flags === 0, flags === 0])
    })
  })
})

async function judge(
  load: LoadTlsBackend,
  port: number,
  chain: PresentedChain,
  database: TlsDatabase,
): Promise<ChainVerdict> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const connection = load().createClientConnection(socket, {
    serverIdentity: chain.identity ?? 'localhost',
    database,
  })
  try {
    return { accepted: true, flags: (await connection.handshake()).peerCertificateErrors }
  } catch (error) {
    if (error instanceof TlsError && error.code === 'BAD_CERTIFICATE') return { accepted: false, flags: error.flags }
    throw error
  } finally {
    release(connection)
  }
}

/** Runs `use` with the port of a server of the backend that presents `chain` and ends what it accepts. */
async function withPresenter<T>(
  load: LoadTlsBackend,
  { issued }: PresentedChain,
  use: (port: number) => Promise<T>,
): Promise<T> {
  return await withRawServer(
    (socket) => {
      const connection = load().createServerConnection(socket, {
        certificate: ownCertificate(issued),
        requireCloseNotify: false,
      })
      connection.handshake().then(
        () =>
          connection.stream
            .on('error', () => undefined)
            .resume()
            .end(),
        () => release(connection), // A client that does not like the chain goes away.
      )
    },
    async ({ port }) => await use(port),
  )
}
