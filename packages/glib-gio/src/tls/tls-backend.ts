// Chooses the TLS library. Called by TlsClientConnection and TlsServerConnection.
// Upstream: glib/gio/gtlsbackend.c; the two packages loaded here stand where GIO's loadable modules do.

import { TlsDatabase, TlsError } from '@wpe-networking/glib-networking-base'
import type { TlsBackend as TlsBackendContract } from '@wpe-networking/glib-networking-base'
import { load as loadOpenssl } from '@wpe-networking/glib-networking-openssl'
import { nodeErrorCode } from '../node-error.ts'

export type TlsBackendName = 'openssl' | 'gnutls'

const DEFAULT_BACKEND = 'openssl'
const GNUTLS_PACKAGE = '@wpe-networking/glib-networking-gnutls'

let chosen: TlsBackendContract | TlsBackendName | undefined
let defaultDatabase: TlsDatabase | undefined
const loaded = new Map<string, Promise<TlsBackendContract>>()

/**
 * The backend of that name; each is loaded once per process.
 *
 * @throws {TlsError} `UNAVAILABLE`: no backend has this name, its package is not installed, or its library is missing.
 */
export function loadTlsBackend(name: string): Promise<TlsBackendContract> {
  let backend = loaded.get(name)
  if (!backend) {
    backend = load(name)
    loaded.set(name, backend)
    // A library that was missing may be there the next time somebody asks.
    backend.catch(() => loaded.delete(name))
  }
  return backend
}

async function load(name: string): Promise<TlsBackendContract> {
  if (name === 'openssl') return loadOpenssl()
  if (name !== 'gnutls') throw new TlsError('UNAVAILABLE', `There is no TLS backend called "${printable(name)}".`)
  let module: { load(): TlsBackendContract }
  try {
    module = await import('@wpe-networking/glib-networking-gnutls')
  } catch (cause) {
    if (!isMissing(GNUTLS_PACKAGE, cause)) {
      throw new TlsError('UNAVAILABLE', 'The TLS backend "gnutls" could not be loaded.', { cause })
    }
    throw new TlsError('UNAVAILABLE', `The TLS backend "gnutls" needs the package ${GNUTLS_PACKAGE}.`, { cause })
  }
  return module.load()
}

/** Whether the package itself was not found, and not something that it needs. */
function isMissing(name: string, error: unknown): boolean {
  const words = error instanceof Error ? error.message : ''
  const [, missing] = /^Cannot find (?:package|module) '([^']+)'/.exec(words) ?? []
  return nodeErrorCode(error) === 'ERR_MODULE_NOT_FOUND' && missing === name
}

/** The name comes from the environment or the command line: keep messages short and on one line. */
const printable = (name: string): string => name.slice(0, 40).replace(/[^!-~]/g, '?')

/** Which backend is used where none is named: the one set, else the one in `GIO_USE_TLS`, else openssl. */
export function getDefaultTlsBackend(): Promise<TlsBackendContract> {
  const choice = chosen ?? (process.env['GIO_USE_TLS'] || DEFAULT_BACKEND)
  return typeof choice === 'string' ? loadTlsBackend(choice) : Promise.resolve(choice)
}

/** Sets the backend of the process for connections made from now on; null goes back to `GIO_USE_TLS`. */
export function setDefaultTlsBackend(backend: TlsBackendContract | TlsBackendName | null): void {
  chosen = backend ?? undefined
}

/** A TLS library behind the contract of glib-networking-base. */
export type TlsBackend = TlsBackendContract

/** The same functions under upstream's names: `TlsBackend.getDefault()`. */
export const TlsBackend = {
  getDefault: getDefaultTlsBackend,
  setDefault: setDefaultTlsBackend,
  load: loadTlsBackend,
  /** True if the default backend can be loaded. */
  supportsTls: async (): Promise<boolean> => {
    try {
      await getDefaultTlsBackend()
      return true
    } catch {
      return false
    }
  },
  /** True if the default backend can be loaded and has TLS over datagrams. */
  supportsDtls: async (): Promise<boolean> => {
    try {
      return (await getDefaultTlsBackend()).dtls !== null
    } catch {
      return false
    }
  },
  /** The anchors used where a connection is given none: those set, else the system's. */
  getDefaultDatabase: (): TlsDatabase => defaultDatabase ?? TlsDatabase.getDefault(),
  /** null goes back to the system's. */
  setDefaultDatabase: (database: TlsDatabase | null): void => {
    defaultDatabase = database ?? undefined
  },
} as const
