// The lines of a cookies.txt file. Called by CookieJarText. Netscape's format with curl's `#HttpOnly_` and upstream's
// eighth column, the SameSite policy. Upstream: libsoup/cookies/soup-cookie-jar-text.c.

import { Cookie, SAME_SITE_NAMES, expirySeconds } from './cookie.ts'
import { SameSitePolicy, sameSitePolicyFromFile } from './same-site-policy.ts'

const HTTP_ONLY = '#HttpOnly_'
/** Characters of a line; longer ones hold no cookie anybody would take. */
const MAX_LINE = 16 * 1024

/** Upstream's, word for word, since other programs look for the first line. */
const HEADER = `# HTTP Cookie File
# http://www.netscape.com/newsref/std/cookie_spec.html
# This is a generated file!  Do not edit.
# To delete cookies, use the Cookie Manager.

`

/**
 * The cookies in `text` that are not over, in order. Lines that hold none are passed over.
 *
 * @param text One character for each byte.
 * @param now Milliseconds since the epoch.
 * @param maxCookies Of more, the last so many.
 */
export function parseCookiesFile(text: string, now: number, maxCookies: number): Cookie[] {
  const cookies: Cookie[] = []
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('\n', start)
    if (end < 0) end = text.length
    if (end - start <= MAX_LINE) {
      const cookie = parseLine(text.slice(start, text[end - 1] === '\r' ? end - 1 : end), now)
      if (cookie !== null) cookies.push(cookie)
      if (cookies.length >= 2 * maxCookies) cookies.splice(0, maxCookies)
    }
    start = end + 1
  }
  return cookies.slice(-maxCookies)
}

export function formatCookiesFile(cookies: Iterable<Cookie>): string {
  let text = HEADER
  for (const cookie of cookies) text += formatLine(cookie)
  return text
}

/** Whether the format can hold `cookie`: it has no way to escape a tab. */
export function fitsCookiesFile({ name, value, path }: Cookie): boolean {
  return !name.includes('\t') && !value.includes('\t') && !path.includes('\t')
}

function parseLine(line: string, now: number): Cookie | null {
  const httpOnly = line.startsWith(HTTP_ONLY)
  if (!httpOnly && (line === '' || line.startsWith('#') || line.startsWith(' ') || line.startsWith('\t'))) return null
  const columns = (httpOnly ? line.slice(HTTP_ONLY.length) : line).split('\t', 9)
  if (columns.length < 7) return null
  // The second column says whether the first begins with a dot.
  const [domain = '', , path = '', secure, expires = '', name = '', value = '', sameSite] = columns
  const expiry = /^\d{1,15}$/.test(expires) ? Number(expires) * 1000 : 0
  if (expiry <= now) return null
  const cookie = new Cookie(name, value, domain, path, -1)
  cookie.expires = new Date(Math.min(expiry, 8.64e15))
  cookie.secure = secure !== 'FALSE'
  cookie.httpOnly = httpOnly
  if (columns.length === 8) {
    cookie.sameSitePolicy = sameSitePolicyFromFile(sameSitePolicyOf(sameSite), cookie.secure)
  }
  return cookie
}

function sameSitePolicyOf(text: string | undefined): SameSitePolicy {
  if (text === 'None') return SameSitePolicy.NONE
  return text === 'Strict' ? SameSitePolicy.STRICT : SameSitePolicy.LAX
}

function formatLine(cookie: Cookie): string {
  const { domain, path, name, value } = cookie
  const columns = [
    `${cookie.httpOnly ? HTTP_ONLY : ''}${domain}`,
    domain.startsWith('.') ? 'TRUE' : 'FALSE',
    path,
    cookie.secure ? 'TRUE' : 'FALSE',
    expirySeconds(cookie),
    name,
    value,
    SAME_SITE_NAMES[cookie.sameSitePolicy],
  ]
  return `${columns.join('\t')}\n`
}
