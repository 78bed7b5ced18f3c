// An HTTP origin or proxy that takes NTLMv2 only and checks all of it: proof, MIC, channel bindings. It authenticates
// connections, not requests: once a connection has a user, its requests need no more. curl is a client of it in its test.
// MS-NTHT; MS-NLMP.

import { createHash, X509Certificate } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { IssuedCertificate } from './certificate-authority.ts'
import { closingAfter, listen, type ListeningServer } from './listening-server.ts'
import {
  challengeFor,
  ntlmMessageType,
  verifyAnswer,
  type NtlmExchange,
  type NtlmPolicy,
  type NtlmUser,
} from './ntlm-verifier.ts'

export type { NtlmPolicy, NtlmUser }

export interface NtlmServerOptions extends NtlmPolicy {
  /** Speaks TLS with it. Must be signed with SHA-256, as by default. */
  readonly certificate?: IssuedCertificate
  /** Is a proxy: asks by 407, tunnels to any port of this machine, and hands other requests to the handler. */
  readonly proxy?: boolean
}

/** Answers a request of an authenticated connection. What it throws ends the connection. */
export type NtlmRequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  user: string,
) => void | Promise<void>

export interface NtlmServer extends ListeningServer {
  /** What came, in order: the number of the connection and the type of the message, `request` for none. */
  readonly log: readonly string[]
  /** Why answers were refused, in order. */
  readonly refusals: readonly string[]
}

interface ConnectionState {
  readonly number: number
  exchange: NtlmExchange | null
  user: string | null
}

/** An NTLM server; close it yourself. */
export async function startNtlmServer(handler: NtlmRequestHandler, options: NtlmServerOptions): Promise<NtlmServer> {
  const gate = new NtlmGate(options)
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    // The body goes with the refused request, or the next one would start in it.
    request.resume().on('end', () => {
      const state = gate.pass(request)
      if (typeof state === 'object') {
        response.writeHead(gate.refusalStatus, { [gate.challengeField]: state.challenge }).end('no')
        return
      }
      Promise.resolve()
        .then(() => handler(request, response, state))
        .catch(() => request.socket.destroy())
    })
  }
  const { certificate } = options
  const server: Server =
    certificate === undefined
      ? createServer(onRequest)
      : createTlsServer({ cert: certificate.chainPem, key: certificate.privateKeyPem }, onRequest)
  server.keepAliveTimeout = 0
  // Node takes its hands off a socket that asks for a tunnel; this one reads on after a refusal.
  const again = createServer({ keepAliveTimeout: 0 }, onRequest)
  const onConnect = (request: IncomingMessage, stream: unknown): void => {
    const socket = stream as Socket
    const state = gate.pass(request)
    if (typeof state === 'string') {
      tunnel(socket, request.url ?? '')
      return
    }
    socket.write(
      `HTTP/1.1 407 No\r\nContent-Length: 2\r\n${state.challenge
        .map((value) => `${gate.challengeField}: ${value}\r\n`)
        .join('')}\r\nno`,
    )
    again.emit('connection', socket)
  }
  server.on('connect', onConnect)
  again.on('connect', onConnect)
  const listening = await listen(server, certificate === undefined ? 'http' : 'https')
  return Object.create(listening, {
    log: { get: () => gate.log },
    refusals: { get: () => gate.refusals },
  }) as NtlmServer
}

/** Runs `use` with an NTLM server. */
export async function withNtlmServer<T>(
  handler: NtlmRequestHandler,
  options: NtlmServerOptions,
  use: (server: NtlmServer) => Promise<T>,
): Promise<T> {
  return await closingAfter(startNtlmServer(handler, options), use)
}

class NtlmGate {
  readonly log: string[] = []
  readonly refusals: string[] = []
  readonly challengeField: string
  readonly refusalStatus: number
  readonly #options: NtlmServerOptions
  readonly #credentialsField: 'proxy-authorization' | 'authorization'
  readonly #endPoint: Buffer | null
  readonly #states = new WeakMap<Socket, ConnectionState>()
  #connections = 0

  constructor(options: NtlmServerOptions) {
    const { proxy = false, certificate } = options
    this.#options = options
    this.#credentialsField = proxy ? 'proxy-authorization' : 'authorization'
    this.challengeField = proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'
    this.refusalStatus = proxy ? 407 : 401
    this.#endPoint =
      certificate === undefined
        ? null
        : createHash('sha256').update(new X509Certificate(certificate.certificatePem).raw).digest()
  }

  /** The user of the request's connection, or what to ask for. */
  pass(request: IncomingMessage): string | { challenge: string[] } {
    const state = this.#stateOf(request.socket)
    const header = request.headers[this.#credentialsField]
    const message = Buffer.from(/^NTLM (.+)$/i.exec(header ?? '')?.[1] ?? '', 'base64')
    const type = ntlmMessageType(message)
    this.log.push(`${state.number} ${type === 0 ? 'request' : `type ${type}`}`)
    if (type === 1) {
      state.user = null
      state.exchange = challengeFor(message, this.#options)
      return { challenge: [`NTLM ${state.exchange.challenge.toString('base64')}`] }
    }
    if (type === 3) this.#check(state, message, request.socket instanceof TLSSocket)
    return state.user ?? { challenge: ['NTLM'] }
  }

  #check(state: ConnectionState, message: Buffer, encrypted: boolean): void {
    const { exchange } = state
    state.exchange = null
    state.user = null
    const endPoint = encrypted ? this.#endPoint : null
    const verdict =
      exchange === null ? { refused: 'no challenge' } : verifyAnswer(message, exchange, this.#options, endPoint)
    if ('user' in verdict) state.user = verdict.user
    else this.refusals.push(verdict.refused)
  }

  #stateOf(socket: Socket): ConnectionState {
    let state = this.#states.get(socket)
    if (state === undefined) {
      state = { number: ++this.#connections, exchange: null, user: null }
      this.#states.set(socket, state)
    }
    return state
  }
}

function tunnel(socket: Socket, authority: string): void {
  const upstream = connect(Number(authority.slice(authority.lastIndexOf(':') + 1)), '127.0.0.1')
  upstream.on('connect', () => {
    socket.write('HTTP/1.1 200 Connected\r\n\r\n')
    socket.pipe(upstream).pipe(socket)
  })
  upstream.on('error', () => socket.destroy())
  socket.on('close', () => upstream.destroy())
  upstream.on('close', () => socket.destroy())
}
