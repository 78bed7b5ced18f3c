// An HTTP/2 origin whose streams the test answers by hand, and a session that trusts it.

import { createSecureServer } from 'node:http2'
import type { IncomingHttpHeaders, SecureServerOptions, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { Session } from '../../src/index.ts'
import type { SessionOptions } from '../../src/index.ts'

export interface Origin {
  readonly origin: string
  /** HTTP/2 connections so far. */
  readonly sessions: number
}

export type StreamHandler = (
  stream: ServerHttp2Stream,
  path: string,
  session: ServerHttp2Session,
  headers: IncomingHttpHeaders,
) => void

let issuing: Promise<{ authority: CertificateAuthority; chainPem: string; privateKeyPem: string }> | undefined

async function issue(): Promise<{ authority: CertificateAuthority; chainPem: string; privateKeyPem: string }> {
  const authority = await CertificateAuthority.create()
  return { authority, ...(await authority.issue()) }
}

export async function withStreams(
  onStream: StreamHandler,
  use: (origin: Origin, session: Session) => Promise<void>,
  options: SessionOptions = {},
  serverOptions: SecureServerOptions = {},
): Promise<void> {
  const { authority, chainPem, privateKeyPem } = await (issuing ??= issue())
  const server = createSecureServer({
    cert: chainPem,
    key: privateKeyPem,
    maxSendHeaderBlockLength: 1024 * 1024,
    ...serverOptions,
  })
  const sockets = new Set<Socket>()
  let sessions = 0
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('session', () => sessions++)
  server.on('sessionError', () => undefined)
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined)
    onStream(stream, String(headers[':path']), stream.session as ServerHttp2Session, headers)
  })
  if (serverOptions.allowHTTP1 === true) {
    server.on('request', (request, response) => {
      if (request.httpVersionMajor === 1) response.end('over 1.1')
    })
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sessions() {
      return sessions
    },
  }
  const tlsDatabase = new TlsDatabase([authority.certificatePem])
  const session = new Session({ tlsDatabase, proxyResolver: null, ...options })
  try {
    await use(origin, session)
  } finally {
    session.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}
