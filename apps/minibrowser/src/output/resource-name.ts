// The short name of a resource in a waterfall: the path, with the host in front when it is not the page's own.

const MAX_DATA_URL = 24

/**
 * Name of `url` as seen from the page at `pageUrl`: `/a.css?v=2` on the same origin, `cdn.example/a.js` elsewhere,
 * `data:image/png` for data URLs. Returns the URL itself when it cannot be parsed.
 */
export function resourceName(url: string, pageUrl: string): string {
  const parsed = URL.parse(url)
  if (!parsed) return url
  if (parsed.protocol === 'data:') {
    const type = /^data:([^,;]*)/i.exec(url)?.[1]
    return `data:${(type || 'text/plain').slice(0, MAX_DATA_URL)}`
  }
  const path = `${parsed.pathname}${parsed.search}`
  const page = URL.parse(pageUrl)
  if (page && page.origin === parsed.origin && page.protocol === parsed.protocol) return path
  return `${parsed.host}${path}`
}
