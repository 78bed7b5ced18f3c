// What counts as a host name in a certificate, and when one lies under another. RFC 5280 section 4.2.1.6 ("preferred
// name syntax"), RFC 1123 section 2.1, RFC 9525 section 6.3. Called by the identity check and the name constraints.

import { getPublicSuffix } from 'tldts'

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'i')
const MAX_LENGTH = 253

/** Whether `name` is one or more labels of letters, digits and inner hyphens, without a trailing dot. */
export function isHostName(name: string): boolean {
  return name.length <= MAX_LENGTH && HOST_NAME.test(name)
}

/** Whether `name` is a host name, or one below a whole `*` label. */
export function isHostNamePattern(name: string): boolean {
  return isHostName(name.startsWith('*.') ? name.slice(2) : name)
}

/** Whether `name` is `domain` or lies below it; a leading dot in `domain` leaves out the domain itself. Lower case. */
export function isWithinDomain(name: string, domain: string): boolean {
  if (domain === '') return true
  if (domain.startsWith('.')) return name.endsWith(domain)
  return name === domain || (name.endsWith(domain) && name.at(-domain.length - 1) === '.')
}

/** Whether anybody may register names right below `domain`, such as `com` or `co.uk`. */
export function isRegistrySuffix(domain: string): boolean {
  return getPublicSuffix(domain, { allowPrivateDomains: false, extractHostname: false }) === domain
}

/**
 * Whether `pattern` of a certificate stands for `host`: the same name, or `*` for its one leftmost label. Both in lower
 * case, `host` in A-labels. A wildcard right below a registry's suffix stands for nothing.
 */
export function patternMatchesHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host && isHostName(host)
  const base = pattern.slice(2)
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot + 1) === base && isHostName(host) && !isRegistrySuffix(base)
}
