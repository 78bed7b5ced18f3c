// OpenSSL's contexts (SSL_CTX), made once per database and certificate and kept as long as those live, because filling one
// with a system's anchors takes longer than a handshake.
// Upstream: glib-networking/tls/openssl/gtlsclientconnection-openssl.c and gtlsserverconnection-openssl.c (ssl_ctx).

import { constants } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls'
import {
  type TlsCertificate,
  type TlsClientConnectionOptions,
  TlsAuthenticationMode,
  TlsDatabase,
  TlsError,
  TlsProtocolVersion,
  tlsProtocolVersionName,
  type TlsServerConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { ClientChainCache } from './client-chain-cache.ts'
import { SessionCache } from './session-cache.ts'

/** What client connections with the same trust, certificate and versions share. */
export interface ClientContext {
  readonly secureContext: SecureContext
  readonly sessions: SessionCache
}

/** What server connections with the same certificate, trust, demands and versions share. */
export interface ServerContext {
  readonly secureContext: SecureContext
  readonly clientChains: ClientChainCache
}

interface Versions {
  readonly minVersion: SecureVersion
  readonly maxVersion: SecureVersion
}

/** Stands for "no certificate" or "no database" as a key. */
const NOTHING = {}
/** Server sessions are bound to this name, without which OpenSSL refuses to resume one that asked for a certificate. */
const SESSION_ID_CONTEXT = 'wpe-networking'

const clientContexts = new WeakMap<TlsDatabase, WeakMap<object, Map<string, ClientContext>>>()
const serverContexts = new WeakMap<TlsCertificate, WeakMap<object, Map<string, ServerContext>>>()

/**
 * @param certificate The client's own, which may have been asked for.
 * @throws {TlsError} `MISC` for a version OpenSSL does not speak, `BAD_CERTIFICATE` for a certificate without its key.
 */
export function clientContext(
  options: TlsClientConnectionOptions,
  certificate: TlsCertificate | undefined,
): ClientContext {
  const database = options.database ?? TlsDatabase.getDefault()
  const versions = versionRange(options)
  return cached(clientContexts, database, certificate ?? NOTHING, versionKey(versions), () => ({
    secureContext: createContext({
      ca: [...database.anchorsPem],
      allowPartialTrustChain: true, // Whatever the database holds is an anchor, be it self-signed or not.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ...(certificate && identityOf(certificate)),
      ...versions,
    }),
    sessions: new SessionCache(),
  }))
}

/** @throws {TlsError} As {@link clientContext}. */
export function serverContext(options: TlsServerConnectionOptions): ServerContext {
  const mode = options.authenticationMode ?? TlsAuthenticationMode.NONE
  const database = asksForCertificate(options) ? (options.database ?? TlsDatabase.getDefault()) : null
  const versions = versionRange(options)
  // The keys of tickets belong to a context, so a session never passes from one that asks less to one that asks more.
  const key = `${versionKey(versions)} ${mode}`
  return cached(serverContexts, options.certificate, database ?? NOTHING, key, () => ({
    secureContext: createContext({
      ca: database === null ? [] : [...database.anchorsPem],
      allowPartialTrustChain: true,
      honorCipherOrder: true,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      sessionIdContext: SESSION_ID_CONTEXT,
      ...identityOf(options.certificate),
      ...versions,
    }),
    clientChains: new ClientChainCache(),
  }))
}

/** Whether a server with `options` asks its clients for a certificate. */
export function asksForCertificate(options: TlsServerConnectionOptions): boolean {
  return (options.authenticationMode ?? TlsAuthenticationMode.NONE) !== TlsAuthenticationMode.NONE
}

function cached<K extends object, V>(
  cache: WeakMap<K, WeakMap<object, Map<string, V>>>,
  first: K,
  second: object,
  third: string,
  make: () => V,
): V {
  const bySecond = cache.get(first) ?? new WeakMap<object, Map<string, V>>()
  cache.set(first, bySecond)
  const byThird = bySecond.get(second) ?? new Map<string, V>()
  bySecond.set(second, byThird)
  const value = byThird.get(third) ?? make()
  byThird.set(third, value)
  return value
}

function createContext(options: Parameters<typeof createSecureContext>[0]): SecureContext {
  try {
    return createSecureContext(options)
  } catch (cause) {
    throw new TlsError('BAD_CERTIFICATE', 'OpenSSL does not take the certificate or its private key.', { cause })
  }
}

function identityOf(certificate: TlsCertificate): { readonly cert: string; readonly key: string } {
  if (certificate.privateKeyPem === null) {
    throw new TlsError('BAD_CERTIFICATE', 'There is no private key for the certificate.')
  }
  return { cert: certificate.chainPem, key: certificate.privateKeyPem }
}

function versionRange(options: TlsClientConnectionOptions | TlsServerConnectionOptions): Versions {
  return {
    minVersion: secureVersion(options.minimumVersion ?? TlsProtocolVersion.TLS_1_2),
    maxVersion: secureVersion(options.maximumVersion ?? TlsProtocolVersion.TLS_1_3),
  }
}

function versionKey({ minVersion, maxVersion }: Versions): string {
  return `${minVersion}-${maxVersion}`
}

function secureVersion(version: TlsProtocolVersion): SecureVersion {
  const name = tlsProtocolVersionName(version)
  if (name === 'TLSv1' || name === 'TLSv1.1' || name === 'TLSv1.2' || name === 'TLSv1.3') return name
  throw new TlsError('MISC', `OpenSSL does not speak ${name} here.`)
}
