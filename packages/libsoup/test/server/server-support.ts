// What the tests of Server share: a server for one test, and a plain client that is not this project's own.

import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { request as tlsRequest, type RequestOptions as TlsRequestOptions } from 'node:https'
import { connect } from 'node:net'
import { Server, type ServerOptions } from '@wpe-networking/libsoup'

export interface Answer {
  readonly status: number
  readonly reasonPhrase: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** False when the connection ended before the body did. */
  readonly isComplete: boolean
}

/** Runs `use` with a server that listens on 127.0.0.1, and disconnects it afterwards. */
export async function withServer(
  options: ServerOptions,
  use: (server: Server, uri: string) => Promise<void>,
): Promise<void> {
  const server = new Server(options)
  await server.listenLocal(0, { ipv4Only: true })
  try {
    await use(server, String(server.uris[0]))
  } finally {
    await server.disconnect()
  }
}

/** Sends one request with node:http or node:https and takes the whole answer. */
export function fetchAnswer(
  uri: string | URL,
  options: TlsRequestOptions = {},
  body?: string | Uint8Array,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const url = new URL(uri)
  const send = url.protocol === 'https:' ? tlsRequest : request
  const outgoing = send(url, { agent: false, ...options }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', () => {})
    response.on('close', () =>
      resolve({
        status: response.statusCode ?? 0,
        reasonPhrase: response.statusMessage ?? '',
        headers: response.headers,
        body: Buffer.concat(chunks),
        isComplete: response.complete,
      }),
    )
  })
  outgoing.on('error', reject)
  outgoing.end(body)
  return promise
}

/** An agent with one kept connection; destroy it. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 })
}

/** Sends bytes as they are and gives everything that comes back until the server closes. */
export function exchangeBytes(uri: string, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const { hostname, port } = new URL(uri)
  const socket = connect(Number(port), hostname, () => socket.write(bytes))
  let received = ''
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => (received += text))
  socket.on('error', reject)
  socket.on('close', () => resolve(received))
  return promise
}
