// The TLS backend on the OpenSSL inside Node; glib-gio's default, found through `load`.
// Upstream: glib-networking/tls/openssl/gtlsbackend-openssl.c.

import type { TlsBackend } from '@wpe-networking/glib-networking-base'
import { verifyChain } from './certificate-verification.ts'
import { ClientHandshake } from './client-handshake.ts'
import { OpensslConnection } from './openssl-connection.ts'
import { ServerHandshake } from './server-handshake.ts'

/** OpenSSL as Node was built with; always there, so nothing here throws `UNAVAILABLE`. */
export const opensslBackend: TlsBackend = {
  name: 'openssl',
  version: process.versions.openssl ?? '',
  createClientConnection: (baseIoStream, options) =>
    new OpensslConnection(new ClientHandshake(baseIoStream, options), null),
  createServerConnection: (baseIoStream, options) =>
    new OpensslConnection(new ServerHandshake(baseIoStream, options), options.certificate),
  verifyChain,
  dtls: null,
}

/** The entry point of a backend package. */
export function load(): TlsBackend {
  return opensslBackend
}
