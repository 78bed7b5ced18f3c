// The server's side of a connection: its certificate and chain, ALPN, and the judgement of a client's certificate.
// Upstream: glib-networking/tls/openssl/gtlsserverconnection-openssl.c. RFC 8446 section 4.3.2.

import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import {
  HandshakeReporter,
  TlsAuthenticationMode,
  type TlsServerConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { judgePeer, peerCertificateOf } from './handshake.ts'
import { forwardHandshakeErrors, verifyErrorOf } from './node-tls-internals.ts'
import { OpensslConnection } from './openssl-connection.ts'
import { asksForCertificate, serverContext } from './secure-contexts.ts'

/** A server connection over `baseIoStream`; nothing is read before its handshake is asked for. */
export function createServerConnection(baseIoStream: Duplex, options: TlsServerConnectionOptions): OpensslConnection {
  const secureContext = serverContext(options)
  return new OpensslConnection({
    baseIoStream,
    reporter: new HandshakeReporter({ backend: 'openssl', side: 'server', serverIdentity: null }),
    readyEvent: 'secure',
    open() {
      const socket = new TLSSocket(baseIoStream, {
        isServer: true,
        secureContext,
        requestCert: asksForCertificate(options),
        rejectUnauthorized: options.authenticationMode === TlsAuthenticationMode.REQUIRED, // Here: refuse to do without.
        ...(options.advertisedProtocols?.length && { ALPNProtocols: [...options.advertisedProtocols] }),
      })
      forwardHandshakeErrors(socket)
      return socket
    },
    finish(socket) {
      const certificate = peerCertificateOf(socket)
      return judgePeer({
        socket,
        certificate,
        database: options.database,
        identity: null,
        verifyError: certificate === null ? null : verifyErrorOf(socket),
        acceptCertificate: options.acceptCertificate,
      })
    },
  })
}
