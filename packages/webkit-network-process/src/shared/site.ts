// The site of a URL: what decides which WebProcess it belongs to. Used by the UIProcess to pick the process and by the
// NetworkProcess to check what that process asks for. Upstream: WebCore/platform/Site.h, RegistrableDomain.h; HTML section 7.1.1 (schemeful site).
import { getDomain } from 'tldts'

/**
 * Scheme and registrable domain: `https://a.b.example.co.uk:8443/x` is of `https://example.co.uk`. A host that has no registrable
 * domain (an IP address, `localhost`, a bare public suffix) stands for itself, without port. A URL without a host is of its
 * scheme: `data:`. Null when `url` does not parse.
 */
export function siteFromURL(url: string): string | null {
  const parsed = URL.parse(url)
  if (!parsed) return null
  if (parsed.hostname === '') return parsed.protocol
  const domain = getDomain(parsed.hostname, { allowPrivateDomains: true, extractHostname: false })
  return `${parsed.protocol}//${domain ?? parsed.hostname}`
}

/**
 * Whether a process that was given `site` may load documents of `urlSite`: its own, and the https site of the same domain when
 * its own is http, so that an upgrading redirect needs no other process. WebKit compares registrable domains and so
 * allows the downgrade too; this does not.
 */
export function siteAllows(site: string, urlSite: string): boolean {
  return site === urlSite || (site.startsWith('http://') && urlSite === `https://${site.slice('http://'.length)}`)
}
