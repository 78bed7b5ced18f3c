// Reads what FindProxyForURL returns: 'PROXY a:3128; SOCKS5 b:1080; DIRECT'. Called by PacProxyResolver.

import { IOError } from '../../io-error.ts'
import { expandSocks } from '../simple-proxy-resolver.ts'

/** Most proxies that are tried; each may cost a timeout. */
const MAX_PROXIES = 16
const MAX_RESULT_LENGTH = 4096
/** 'SOCKS' leaves the version open. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
  SOCKS: 'socks',
  SOCKS4: 'socks4',
  SOCKS4A: 'socks4a',
  SOCKS5: 'socks5',
}

/**
 * The proxies as URIs, in order. Entries of unknown kinds are passed over; nothing at all (null, '') means direct.
 *
 * @throws {IOError} `PROXY_FAILED` when there are entries, but none that can be used.
 */
export function parsePacResult(result: unknown): readonly string[] {
  if (result === null || result === undefined || result === '') return ['direct://']
  if (typeof result !== 'string' || result.length > MAX_RESULT_LENGTH) throw unusable()
  const proxies = result
    .split(';')
    .flatMap((entry) => parseEntry(entry.trim()))
    .slice(0, MAX_PROXIES)
  if (proxies.length === 0) throw unusable()
  return proxies
}

function parseEntry(entry: string): readonly string[] {
  if (/^direct$/i.test(entry)) return ['direct://']
  const [, kind = '', authority = ''] = /^([a-z0-9]+)\s+([^\s/?#@]+)$/i.exec(entry) ?? []
  const name = kind.toUpperCase()
  const protocol = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined
  return protocol === undefined ? [] : expandSocks(`${protocol}://${authority}`)
}

function unusable(): IOError {
  return new IOError('PROXY_FAILED', 'The proxy auto-configuration script gave an answer that names no proxy.')
}
