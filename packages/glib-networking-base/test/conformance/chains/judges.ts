// Presents a chain to the backend under test: to its client, to its server, or to the backend alone.
import { createServer, connect, type SecureContextOptions } from 'node:tls'
import { withConnectedSockets } from '@wpe-networking/test-support'
import {
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  TlsAuthenticationMode,
  TlsCertificate,
  TlsDatabase,
  TlsError,
  type LoadTlsBackend,
  type TlsBackendConnection,
  type TlsCertificateFlags,
} from '@wpe-networking/glib-networking-base'
import type { Trust } from '../peers.ts'
import type { ChainJudge, PresentedChain } from './chain-case.ts'

/** Whether the chain was let pass, and what was found wrong with it. */
export interface ChainVerdict {
  readonly accepted: boolean
  readonly flags: TlsCertificateFlags
}

/** What a careful verifier says when it gives `flags`. */
export const verdict = (flags: TlsCertificateFlags): ChainVerdict => ({ accepted: flags === 0, flags })

export const judges: Readonly<
  Record<ChainJudge, (load: LoadTlsBackend, chain: PresentedChain, trust: Trust) => Promise<ChainVerdict>>
> = {
  client: judgeAsClient,
  server: judgeAsServer,
  backend: (load, chain, trust) => Promise.resolve(judgeAlone(load, chain, trust)),
}

type AnswerOcspRequest = (error: Error | null, response: Buffer | null) => void

const ignore = (): void => undefined
/** The other end, OpenSSL, would not even present what is weak. */
const CARELESS = { ciphers: 'DEFAULT@SECLEVEL=0' }

function databaseOf(chain: PresentedChain, trust: Trust): TlsDatabase {
  return new TlsDatabase(chain.anchors ?? [trust.authority.certificatePem], { revocationLists: chain.revocationLists })
}

function credentials({ issued }: PresentedChain): SecureContextOptions {
  return { cert: issued.chainPem, key: issued.privateKeyPem, ...CARELESS }
}

async function judgeAsClient(load: LoadTlsBackend, chain: PresentedChain, trust: Trust): Promise<ChainVerdict> {
  return await withConnectedSockets(async (sockets) => {
    const server = createServer(credentials(chain), (socket) => void socket.on('error', ignore))
    server.on('tlsClientError', ignore)
    server.on('OCSPRequest', (_certificate, _issuer, answer: AnswerOcspRequest) =>
      answer(null, chain.ocspResponse ?? null),
    )
    server.emit('connection', sockets.server)
    const connection = load().createClientConnection(sockets.client, {
      serverIdentity: chain.identity ?? 'localhost',
      database: databaseOf(chain, trust),
    })
    return await verdictOf(connection)
  })
}

async function judgeAsServer(load: LoadTlsBackend, chain: PresentedChain, trust: Trust): Promise<ChainVerdict> {
  const own = await trust.authority.issue()
  return await withConnectedSockets(async (sockets) => {
    const connection = load().createServerConnection(sockets.server, {
      certificate: TlsCertificate.fromPem(own.chainPem, { privateKeyPem: own.privateKeyPem }),
      authenticationMode: TlsAuthenticationMode.REQUIRED,
      database: databaseOf(chain, trust),
    })
    connect({ socket: sockets.client, rejectUnauthorized: false, ...credentials(chain) }).on('error', ignore)
    return await verdictOf(connection)
  })
}

function judgeAlone(load: LoadTlsBackend, chain: PresentedChain, trust: Trust): ChainVerdict {
  const flags = load().verifyChain(TlsCertificate.listFromPem(chain.issued.chainPem), {
    database: databaseOf(chain, trust),
    purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
    identity: chain.identity ?? 'localhost',
    ocspResponse: chain.ocspResponse ?? null,
  })
  return verdict(flags)
}

async function verdictOf(connection: TlsBackendConnection): Promise<ChainVerdict> {
  try {
    const { peerCertificateErrors } = await connection.handshake()
    connection.stream.destroy()
    return { accepted: true, flags: peerCertificateErrors }
  } catch (error) {
    if (error instanceof TlsError && error.code === 'BAD_CERTIFICATE') return { accepted: false, flags: error.flags }
    throw error
  }
}
