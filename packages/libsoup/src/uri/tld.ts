// Public suffixes and registrable domains, from the list tldts carries. Called by CookieJar.
// Upstream: libsoup/soup-tld.c. The list: https://publicsuffix.org, ICANN and private sections as browsers use it.

import { getDomain, getPublicSuffix } from 'tldts'

const OPTIONS = { allowPrivateDomains: true, extractHostname: false } as const

/** Enough for the hosts of a page; the list is walked again for more. */
const MAX_CACHED_DOMAINS = 1024

const baseDomains = new Map<string, string | null>()

/** `example.co.uk` for `www.example.co.uk`; null for IP addresses, single labels and public suffixes. */
export function tldGetBaseDomain(hostname: string): string | null {
  const known = baseDomains.get(hostname)
  if (known !== undefined) return known
  const domain = getDomain(hostname, OPTIONS)
  if (baseDomains.size >= MAX_CACHED_DOMAINS) baseDomains.delete(baseDomains.keys().next().value as string)
  baseDomains.set(hostname, domain)
  return domain
}

/** Whether `domain` is itself a suffix under which anybody registers names, such as `co.uk`. */
export function tldDomainIsPublicSuffix(domain: string): boolean {
  return domain !== '' && getPublicSuffix(domain, OPTIONS) === domain
}
