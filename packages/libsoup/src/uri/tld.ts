// Public suffixes and registrable domains, from the list tldts carries. Called by the cookie jars, by HSTSEnforcer and by
// applications. Upstream: libsoup/soup-tld.c. The list: https://publicsuffix.org, ICANN and private sections.

import { isIP } from 'node:net'
import { domainToUnicode } from 'node:url'
import { getDomain, parse } from 'tldts'

const OPTIONS = { allowPrivateDomains: true, extractHostname: false } as const

/** Enough for the hosts of a page; the list is walked again for more. */
const MAX_CACHED_SITES = 1024

/** Why a host has no base domain. Upstream's `NO_PSL_DATA` cannot happen: the list is part of the package. */
export type TLDErrorCode = 'INVALID_HOSTNAME' | 'IS_IP_ADDRESS' | 'NOT_ENOUGH_DOMAINS' | 'NO_BASE_DOMAIN'

/** Thrown by {@link tldGetBaseDomain}. */
export class TLDError extends Error {
  override readonly name = 'TLDError'
  readonly domain = 'soup-tld-error-quark'
  readonly code: TLDErrorCode

  constructor(code: TLDErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * `example.co.uk` for `www.example.co.uk`: the part of `hostname` somebody registered. In Unicode or ASCII, as given.
 *
 * @throws {TLDError} `INVALID_HOSTNAME`; `IS_IP_ADDRESS`; `NOT_ENOUGH_DOMAINS` for a public suffix itself;
 *   `NO_BASE_DOMAIN` when it ends in no suffix of the list.
 */
export function tldGetBaseDomain(hostname: string): string {
  if (isIP(hostname) !== 0) throw new TLDError('IS_IP_ADDRESS', `The host ${hostname} is an IP address.`)
  if (!isHostname(hostname)) throw new TLDError('INVALID_HOSTNAME', 'The host has no valid name.')
  const { publicSuffix, domain, isIcann, isPrivate } = parse(hostname.toLowerCase(), OPTIONS)
  if (publicSuffix === null || (isIcann !== true && isPrivate !== true)) {
    throw new TLDError('NO_BASE_DOMAIN', `The host ${hostname} ends in no known public suffix.`)
  }
  if (domain === null) throw new TLDError('NOT_ENOUGH_DOMAINS', `The host ${hostname} is itself a public suffix.`)
  return hostname.slice(-domain.length)
}

/** Whether `domain` is itself a suffix under which anybody registers names, such as `co.uk`. A dot before it is allowed. */
export function tldDomainIsPublicSuffix(domain: string): boolean {
  const name = (domain.startsWith('.') ? domain.slice(1) : domain).toLowerCase()
  if (name === '') return false
  const { publicSuffix, isIcann, isPrivate } = parse(name, OPTIONS)
  return publicSuffix === name && (isIcann === true || isPrivate === true)
}

const sites = new Map<string, string>()

/**
 * What the hosts of one owner have in common: the registrable domain, or `hostname` itself where there is none (IP
 * addresses, single labels, public suffixes). A suffix that is not in the list counts as one. Never throws; quick.
 *
 * @param hostname In lower case.
 */
export function siteOf(hostname: string): string {
  const known = sites.get(hostname)
  if (known !== undefined) return known
  const site = getDomain(hostname, OPTIONS) ?? hostname
  if (sites.size >= MAX_CACHED_SITES) sites.delete(sites.keys().next().value as string)
  sites.set(hostname, site)
  return site
}

function isHostname(hostname: string): boolean {
  if (hostname === '' || hostname.length > 255 || hostname.startsWith('.') || hostname.includes('..')) return false
  return !hostname.toLowerCase().includes('xn--') || domainToUnicode(hostname) !== ''
}
