// The TLS backend on the OpenSSL inside Node; glib-gio's default, found through `load`.
// Upstream: glib-networking/tls/openssl/gtlsbackend-openssl.c.

import type { TlsBackend } from '@wpe-networking/glib-networking-base'
import { createClientConnection } from './openssl-client-connection.ts'
import { createServerConnection } from './openssl-server-connection.ts'

/** OpenSSL as Node was built with; always there, so nothing here throws `UNAVAILABLE`. */
export const opensslBackend: TlsBackend = {
  name: 'openssl',
  version: process.versions.openssl ?? '',
  createClientConnection,
  createServerConnection,
}

/** The entry point of a backend package. */
export function load(): TlsBackend {
  return opensslBackend
}
