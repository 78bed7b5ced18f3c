// Reads the host part of a URI. Called by uri-split.ts; isIpAddress and toAsciiHostname also by the resolver.
// Upstream: glib/guri.c (parse_host, parse_ip_literal), ghostutils.c. RFC 3986 section 3.2.2, RFC 6874.

import { isIP, isIPv4, isIPv6 } from 'node:net'
import { domainToASCII, domainToUnicode } from 'node:url'
import { decodeComponent, normalizeComponent } from './uri-escape.ts'
import { UriError } from './uri-error.ts'
import { UriFlags } from './uri-flags.ts'

/**
 * What no DNS name holds. Upstream lets these through; here a decoded line break or delimiter in the host is refused,
 * since the host is later written into a `Host:` line and compared as an origin.
 */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const FORBIDDEN_IN_HOST = /[\u0000-\u0020"#%/:<>?@[\\\]^|\u007f]/
const NOT_ASCII = /[^\u0000-\u007f]/ // eslint-disable-line no-control-regex

/** True for '192.0.2.1' and '2001:db8::1' (with or without a zone), false for names and for short forms like '127.1'. */
export function hostnameIsIpAddress(hostname: string): boolean {
  return isIP(hostname) !== 0
}

/** True when a label of `hostname` is the ASCII form of an internationalised one. */
export function hostnameIsAsciiEncoded(hostname: string): boolean {
  return /(?:^|\.)xn--/i.test(hostname)
}

/** True when `hostname` has a character beyond ASCII in it. */
export function hostnameIsNonAscii(hostname: string): boolean {
  return NOT_ASCII.test(hostname)
}

/** The ASCII (`xn--`) form of an internationalised name; '' when it has none. ASCII names come back as they are. */
export function hostnameToAscii(hostname: string): string {
  return NOT_ASCII.test(hostname) ? domainToASCII(hostname) : hostname
}

/** The form of a name that people read: `xn--` labels become Unicode; '' when that is not possible. */
export function hostnameToUnicode(hostname: string): string {
  return domainToUnicode(hostname)
}

/** The host as `Uri.host` gives it: brackets gone, decoded, in ASCII. Throws `BAD_HOST`. */
export function parseHost(text: string, flags: UriFlags): string {
  if (text.startsWith('[')) return parseIpLiteral(text, flags)
  if (/[0-9]$/.test(text) && isIPv4(text)) return text
  if (flags & UriFlags.NON_DNS) return normalizeComponent(text, flags, 'BAD_HOST')

  const decoded = decodeComponent(text, flags & ~UriFlags.ENCODED, 'BAD_HOST')
  if (decoded !== text && hostnameIsIpAddress(decoded)) {
    // An address was hidden behind percent-encoding: RFC 3986 knows no such form.
    throw new UriError('BAD_HOST', 'The URI has a percent-encoded IP address as its host.')
  }
  if (FORBIDDEN_IN_HOST.test(decoded)) {
    throw new UriError('BAD_HOST', 'The URI has a character in its host that no host name may have.')
  }
  const ascii = hostnameToAscii(decoded)
  if ((ascii === '' && decoded !== '') || (ascii !== decoded && hostnameIsIpAddress(ascii))) {
    throw new UriError('BAD_HOST', 'The URI has an internationalised host name that is not valid.')
  }
  return ascii
}

/** `[` IPv6address [ `%25` ZoneID ] `]`; a bare `%` before the zone is taken when relaxed. */
function parseIpLiteral(text: string, flags: UriFlags): string {
  const bad = (): UriError => new UriError('BAD_HOST', 'The URI has an IPv6 address that is not valid.')
  if (!text.endsWith(']')) throw bad()
  const inner = text.slice(1, -1)
  const percent = inner.indexOf('%')
  const address = percent < 0 ? inner : inner.slice(0, percent)
  if (!isIPv6(address)) throw bad()
  if (percent < 0) return address

  let zone = inner.slice(percent + 1)
  if (zone.startsWith('25') && zone.length > 2) zone = zone.slice(2)
  else if (!(flags & UriFlags.PARSE_RELAXED) || zone === '') throw bad()
  const decodedZone = decodeComponent(zone, flags, 'BAD_HOST')
  if (FORBIDDEN_IN_HOST.test(decodedZone)) throw bad()
  return `${address}%${decodedZone}`
}
