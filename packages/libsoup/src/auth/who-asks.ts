// Who asks for the credentials of a message: the server it is for, or the proxy that reads it. Called by AuthManager.
// Upstream: soup_message_get_uri_for_auth in libsoup/soup-message.c.

import { Uri, UriFlags } from '@wpe-networking/glib-gio'
import type { ProxyAddress } from '@wpe-networking/glib-gio'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'

/** A server or proxy, and what the URI of it holds. */
export interface WhoAsks {
  /** What its credentials are kept under. */
  readonly key: string
  /** Host and port. */
  readonly authority: string
  /** Null where the URI names no user. */
  readonly username: string | null
  readonly password: string
}

/** The server of `message`. */
export function originOf(message: Message): WhoAsks {
  const { hostKey, uri } = messageState(message).target
  const authority = hostKey.slice(hostKey.indexOf('://') + 3)
  return { key: originKey(message), authority, username: uri.user, password: uri.password ?? '' }
}

/** The `key` of `originOf`. Each isolation key has credentials of its own: none tells one site what is known of another. */
export function originKey(message: Message): string {
  const { hostKey } = messageState(message).target
  return message.isolationKey === null ? hostKey : `${hostKey} ${message.isolationKey}`
}

/**
 * The HTTP proxy that reads `message`, or null: without one, and behind a tunnel, whose far end must neither get a
 * proxy's credentials nor be able to ask for them.
 */
export function proxyOf(message: Message): WhoAsks | null {
  const address = proxyAddressOf(message)
  if (address === null) return null
  const { username, password } = address
  return { key: proxyKey(address), authority: proxyAuthority(address), username, password: password ?? '' }
}

function proxyAddressOf(message: Message): ProxyAddress | null {
  const { connection, tunnelFor } = messageState(message)
  if (connection === null || (!connection.isProxied && tunnelFor === null)) return null
  return connection.proxyAddress
}

function proxyKey(address: ProxyAddress): string {
  return address.uri ?? `${address.protocol}://${address.toString()}`
}

function proxyAuthority(address: ProxyAddress): string {
  const { host, port } = address.uri === null ? { host: null, port: -1 } : Uri.parse(address.uri, UriFlags.HAS_PASSWORD)
  if (host === null || host === '') return address.toString()
  return `${host.includes(':') ? `[${host}]` : host}:${port === -1 ? address.port : port}`
}
