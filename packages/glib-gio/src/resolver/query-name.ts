// What names are asked for, and in which form. Called by Resolver. RFC 1035 section 2.3.4, RFC 5890, RFC 7686.

import { InetAddress } from '../addresses/inet-address.ts'
import { SocketFamily } from '../addresses/socket-family.ts'
import { hostnameToAscii } from '../uri/uri-host.ts'

/** RFC 1035 section 2.3.4, as text without the last dot. */
const MAX_NAME_LENGTH = 253
/** Labels of 1 to 63 visible characters, and perhaps a dot at the end. */
const LABELS = /^(?:[!-\-/-~]{1,63}\.)*[!-\-/-~]{1,63}\.?$/
/** What the C library's inet_aton takes for an address and no name is: '127.1', '0x7f000001', '017700000001'. */
const LEGACY_IPV4 = /^(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\.?$/i
/** Tor's names, which must never reach DNS: RFC 7686 section 2. */
const ONION = /(?:^|\.)onion\.?$/

/** `name` in ASCII and lower case, or null when no DNS server can or may know it. A dot at the end stays. */
export function queryName(name: string): string | null {
  const ascii = hostnameToAscii(name).toLowerCase()
  const length = ascii.endsWith('.') ? ascii.length - 1 : ascii.length
  return length <= MAX_NAME_LENGTH && LABELS.test(ascii) && !ONION.test(ascii) ? ascii : null
}

/** As {@link queryName}, for the name of a host whose addresses are wanted. */
export function queryHostname(hostname: string): string | null {
  const name = queryName(hostname)
  return name === null || LEGACY_IPV4.test(name) ? null : name
}

/**
 * The addresses of an IP address, and of `localhost` and all names under it, which never leave the machine (RFC 6761
 * section 6.3); null for other names.
 */
export function answerWithoutAsking(hostname: string): InetAddress[] | null {
  const literal = InetAddress.fromString(hostname)
  if (literal) return [literal]
  const isLocalhost = /(?:^|\.)localhost\.?$/i.test(hostname)
  return isLocalhost ? [InetAddress.loopback(SocketFamily.IPV6), InetAddress.loopback(SocketFamily.IPV4)] : null
}
