// SOCKS5: names are looked up by the proxy. Upstream: glib/gio/gsocks5proxy.c. RFC 1928, RFC 1929 (user and password).

import type { Duplex } from 'node:stream'
import { InetAddress } from '../addresses/inet-address.ts'
import { IOError } from '../io-error.ts'
import type { IOErrorEnum } from '../io-error.ts'
import { hostnameToAscii } from '../uri/uri-host.ts'
import type { Proxy, ProxyConnectOptions } from './proxy.ts'
import type { ProxyAddress } from './proxy-address.ts'
import { ProxyStream } from './proxy-stream.ts'

const VERSION = 5
const AUTH_VERSION = 1
const COMMAND_CONNECT = 1
const RESERVED = 0
const SUCCEEDED = 0
const MAX_TEXT_LENGTH = 255
const Method = { NONE: 0, USER_PASSWORD: 2, NONE_ACCEPTED: 0xff } as const
const AddressType = { IPV4: 1, NAME: 3, IPV6: 4 } as const

/** RFC 1928 section 6: what a REP field other than 0 means. */
const REPLIES: Readonly<Record<number, readonly [IOErrorEnum, string]>> = {
  1: ['PROXY_FAILED', 'The SOCKS5 proxy failed.'],
  2: ['PROXY_NOT_ALLOWED', 'The SOCKS5 proxy does not allow this connection.'],
  3: ['NETWORK_UNREACHABLE', 'The network cannot be reached through the SOCKS5 proxy.'],
  4: ['HOST_UNREACHABLE', 'The host cannot be reached through the SOCKS5 proxy.'],
  5: ['CONNECTION_REFUSED', 'The connection was refused behind the SOCKS5 proxy.'],
  6: ['HOST_UNREACHABLE', 'The host is too far away for the SOCKS5 proxy.'],
  7: ['PROXY_FAILED', 'The SOCKS5 proxy does not make connections.'],
  8: ['PROXY_FAILED', 'The SOCKS5 proxy does not know this kind of address.'],
}

/** `socks5://user:password@host:port`; user and password are told only to a proxy that asks for them. */
export class Socks5Proxy implements Proxy {
  readonly supportsHostname = true

  async connect(ioStream: Duplex, proxyAddress: ProxyAddress, options: ProxyConnectOptions = {}): Promise<Duplex> {
    const stream = new ProxyStream(ioStream, options.signal)
    const request = connectRequest(proxyAddress)
    if (await negotiateMethod(stream, proxyAddress)) await authenticate(stream, proxyAddress)
    stream.write(request)
    await readReply(stream)
    return ioStream
  }
}

function hasCredentials({ username, password }: ProxyAddress): boolean {
  return username !== null || password !== null
}

/** Whether the proxy wants to be authenticated to. */
async function negotiateMethod(stream: ProxyStream, proxyAddress: ProxyAddress): Promise<boolean> {
  const offered = hasCredentials(proxyAddress) ? [Method.NONE, Method.USER_PASSWORD] : [Method.NONE]
  stream.write(Buffer.from([VERSION, offered.length, ...offered]))
  const [version, method] = await stream.read(2)
  if (version !== VERSION) throw new IOError('PROXY_FAILED', 'The server is not a SOCKS5 proxy.')
  if (method === Method.NONE) return false
  const isOffered = method === Method.USER_PASSWORD && hasCredentials(proxyAddress)
  if (isOffered) return true
  if (!hasCredentials(proxyAddress) && (method === Method.USER_PASSWORD || method === Method.NONE_ACCEPTED)) {
    throw new IOError('PROXY_NEED_AUTH', 'The SOCKS5 proxy asks for a user and a password.')
  }
  throw new IOError('PROXY_AUTH_FAILED', 'The SOCKS5 proxy takes no authentication that is supported.')
}

async function authenticate(stream: ProxyStream, { username, password }: ProxyAddress): Promise<void> {
  const user = counted(username ?? '', 'The user is')
  stream.write(Buffer.from([AUTH_VERSION, ...user, ...counted(password ?? '', 'The password is')]))
  const [version, status] = await stream.read(2)
  if (version !== AUTH_VERSION || status !== SUCCEEDED) {
    throw new IOError('PROXY_AUTH_FAILED', 'The SOCKS5 proxy does not take this user and password.')
  }
}

function connectRequest({ destinationHostname, destinationPort }: ProxyAddress): Buffer {
  const address = InetAddress.fromString(destinationHostname)
  const bytes = address?.toBytes()
  const destination = bytes
    ? [bytes.length === 4 ? AddressType.IPV4 : AddressType.IPV6, ...bytes]
    : [AddressType.NAME, ...counted(hostnameToAscii(destinationHostname), 'The host name is')]
  return Buffer.from([VERSION, COMMAND_CONNECT, RESERVED, ...destination, destinationPort >> 8, destinationPort & 0xff])
}

async function readReply(stream: ProxyStream): Promise<void> {
  const [version, code = 1, , type] = await stream.read(4)
  if (version !== VERSION) throw new IOError('PROXY_FAILED', 'The server is not a SOCKS5 proxy.')
  if (code !== SUCCEEDED) {
    const [ioCode, message] = REPLIES[code] ?? ['PROXY_FAILED', 'The SOCKS5 proxy failed in a way of its own.']
    throw new IOError(ioCode, message)
  }
  // The address it connects from is of no interest, but has to be taken off the stream.
  if (type === AddressType.IPV4) await stream.read(4 + 2)
  else if (type === AddressType.IPV6) await stream.read(16 + 2)
  else if (type === AddressType.NAME) await stream.read(((await stream.read(1))[0] ?? 0) + 2)
  else throw new IOError('PROXY_FAILED', 'The SOCKS5 proxy answered with an unknown kind of address.')
}

function counted(text: string, what: string): number[] {
  const bytes = [...Buffer.from(text)]
  if (bytes.length > MAX_TEXT_LENGTH) throw new IOError('PROXY_FAILED', `${what} too long for SOCKS5.`)
  return [bytes.length, ...bytes]
}
