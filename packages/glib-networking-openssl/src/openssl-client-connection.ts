// The client's side of a connection: SNI, ALPN, resumption, and the judgement of the server's certificate.
// Upstream: glib-networking/tls/openssl/gtlsclientconnection-openssl.c. RFC 8446, RFC 6066 section 3, RFC 7301.

import type { Duplex } from 'node:stream'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import {
  HandshakeReporter,
  serverNameOf,
  type TlsCertificate,
  TlsCertificateFlags,
  type TlsClientConnectionOptions,
  TlsError,
  type TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import { judgePeer, peerCertificateOf } from './handshake.ts'
import { OpensslConnection } from './openssl-connection.ts'
import { type ClientContext, clientContext } from './secure-contexts.ts'
import type { CachedSession } from './session-cache.ts'

/** A client connection over `baseIoStream`; nothing is sent before its handshake is asked for. */
export function createClientConnection(baseIoStream: Duplex, options: TlsClientConnectionOptions): OpensslConnection {
  const context = clientContext(options)
  const identity = options.serverIdentity
  const sessionKey = JSON.stringify([identity, options.advertisedProtocols ?? []])
  let offered: CachedSession | null = null
  let verified: TlsCertificate | null = null

  return new OpensslConnection({
    baseIoStream,
    reporter: new HandshakeReporter({ backend: 'openssl', side: 'client', serverIdentity: identity }),
    readyEvent: 'secureConnect',
    open() {
      offered = context.sessions.take(sessionKey)
      const socket = connect(connectOptions(baseIoStream, options, context, offered))
      // TLS 1.3 tickets come after the handshake, TLS 1.2's at its end; one whose certificate only `acceptCertificate`
      // let pass must not vouch for the next connection, which may have another opinion.
      socket.on('session', (session: Buffer) => {
        if (verified !== null) context.sessions.add(sessionKey, { session, certificate: verified })
      })
      return socket
    },
    finish(socket) {
      const certificate = socket.isSessionReused() ? (offered?.certificate ?? null) : peerCertificateOf(socket)
      const result = judgeServer(socket, certificate, options)
      if (result.peerCertificateErrors === TlsCertificateFlags.NO_FLAGS) verified = certificate
      return result
    },
  })
}

function connectOptions(
  baseIoStream: Duplex,
  options: TlsClientConnectionOptions,
  context: ClientContext,
  offered: CachedSession | null,
): ConnectionOptions {
  const servername = serverNameOf(options.serverIdentity)
  return {
    socket: baseIoStream,
    secureContext: context.secureContext,
    rejectUnauthorized: false, // The verdict is ours, with all flags, and then `acceptCertificate`'s.
    checkServerIdentity: () => undefined,
    ...(options.serverIdentity !== null && { host: options.serverIdentity }), // Node ties saved sessions to it.
    ...(servername !== null && { servername }),
    ...(offered !== null && { session: offered.session }),
    ...(options.advertisedProtocols?.length && { ALPNProtocols: [...options.advertisedProtocols] }),
  }
}

function judgeServer(
  socket: TLSSocket,
  certificate: TlsCertificate | null,
  options: TlsClientConnectionOptions,
): TlsHandshakeResult {
  if (certificate === null) {
    throw new TlsError('BAD_CERTIFICATE', 'The server sent no certificate.', {
      flags: TlsCertificateFlags.GENERIC_ERROR,
    })
  }
  return judgePeer({
    socket,
    certificate,
    database: options.database,
    identity: options.serverIdentity,
    // Node's types say Error, what it sets is the code.
    verifyError: socket.authorizationError === null ? null : String(socket.authorizationError),
    acceptCertificate: options.acceptCertificate,
  })
}
