// SOCKS4 and its extension 4A, where the proxy looks names up. Upstream: glib/gio/gsocks4aproxy.c.
// openssh.com/txt/socks4.protocol, openssh.com/txt/socks4a.protocol.

import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { InetAddress } from '../addresses/inet-address.ts'
import { IOError } from '../io-error.ts'
import { hostnameToAscii } from '../uri/uri-host.ts'
import type { Proxy, ProxyConnectOptions } from './proxy.ts'
import type { ProxyAddress } from './proxy-address.ts'
import { ProxyStream } from './proxy-stream.ts'

const VERSION = 4
const COMMAND_CONNECT = 1
const REPLY_LENGTH = 8
const REPLY_GRANTED = 90
/** Upstream's limit for a user and for a name; the protocol ends both with a NUL and sets none. */
const MAX_TEXT_LENGTH = 255
/** An address of this kind says that a name follows. */
const NAME_FOLLOWS = [0, 0, 0, 1]

/** `socks4a://user@host:port`. IPv4 only; the protocol knows no password. */
export class Socks4aProxy implements Proxy {
  readonly supportsHostname: boolean = true

  async connect(ioStream: Duplex, proxyAddress: ProxyAddress, options: ProxyConnectOptions = {}): Promise<Duplex> {
    const stream = new ProxyStream(ioStream, options.signal)
    stream.write(connectRequest(proxyAddress))
    const reply = await stream.read(REPLY_LENGTH)
    if (reply[0] !== 0) throw new IOError('PROXY_FAILED', 'The server is not a SOCKS4 proxy.')
    if (reply[1] !== REPLY_GRANTED) throw new IOError('PROXY_FAILED', 'The SOCKS4 proxy rejected the connection.')
    return ioStream
  }
}

function connectRequest({ destinationHostname, destinationPort, username }: ProxyAddress): Buffer {
  const address = InetAddress.fromString(destinationHostname)
  if (isIP(destinationHostname) === 6) {
    throw new IOError('PROXY_FAILED', 'A SOCKS4 proxy cannot connect to an IPv6 address.')
  }
  return Buffer.from([
    VERSION,
    COMMAND_CONNECT,
    destinationPort >> 8,
    destinationPort & 0xff,
    ...(address?.toBytes() ?? NAME_FOLLOWS),
    ...terminated(username ?? '', 'user'),
    ...(address ? [] : terminated(hostnameToAscii(destinationHostname), 'host')),
  ])
}

function terminated(text: string, what: string): number[] {
  const bytes = [...Buffer.from(text)]
  if (bytes.length > MAX_TEXT_LENGTH || bytes.includes(0)) {
    throw new IOError('PROXY_FAILED', `The name of the ${what} cannot be told to a SOCKS4 proxy.`)
  }
  return [...bytes, 0]
}
