// Cookies of a session, in memory: takes them from responses and gives them to requests. A SessionFeature on
// tough-cookie. Upstream: libsoup/cookies/soup-cookie-jar.c. RFC 6265bis sections 5.6 to 5.8.

import { EventEmitter } from 'node:events'
import type { Uri } from '@wpe-networking/glib-gio'
import { Cookie, MemoryCookieStore, CookieJar as ToughCookieJar } from 'tough-cookie'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import type { SessionFeature } from '../session/session-feature.ts'
import { tldGetBaseDomain } from '../uri/tld.ts'

export { Cookie }

/** Which cookies of responses are kept. */
export const CookieJarAcceptPolicy = { ALWAYS: 0, NEVER: 1, NO_THIRD_PARTY: 2, GRANDFATHERED_THIRD_PARTY: 3 } as const
export type CookieJarAcceptPolicy = (typeof CookieJarAcceptPolicy)[keyof typeof CookieJarAcceptPolicy]

export interface CookieJarEvents {
  /** A cookie was added (`oldCookie` null), replaced, or deleted (`newCookie` null). */
  changed: [oldCookie: Cookie | null, newCookie: Cookie | null]
}

/** Who asks for cookies; see `getCookieListWithSameSiteInfo`. */
export interface SameSiteInfo {
  /** The top-level page; null enforces no SameSite policy. */
  readonly topLevel: Uri | null
  readonly siteForCookies: Uri | null
  /** For a request, rather than for a script, which must not see HttpOnly cookies. */
  readonly forHttp: boolean
  readonly isSafeMethod: boolean
  readonly isTopLevelNavigation: boolean
}

/** Name, value and attributes of one cookie, in bytes; longer ones are ignored, as browsers do (RFC 6265bis 5.6). */
const MAX_COOKIE_BYTES = 4096 + 1024
/** Cookies of one domain; the one not used for longest goes first. WebKit's figure. */
const MAX_COOKIES_PER_DOMAIN = 180

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export class CookieJar extends EventEmitter<CookieJarEvents> implements SessionFeature {
  acceptPolicy: CookieJarAcceptPolicy
  readonly #store = new MemoryCookieStore()
  readonly #jar = new ToughCookieJar(this.#store, { rejectPublicSuffixes: true, looseMode: true })
  /** Sites that ever had a cookie: others are not looked up. */
  readonly #sites = new Set<string>()
  /** Messages whose `Cookie` header is this jar's doing. */
  readonly #sent = new WeakSet<Message>()

  constructor(options: { acceptPolicy?: CookieJarAcceptPolicy } = {}) {
    super()
    this.acceptPolicy = options.acceptPolicy ?? CookieJarAcceptPolicy.ALWAYS
  }

  /** False: these cookies end with the process. */
  get isPersistent(): boolean {
    return false
  }

  /** Keeps what a `Set-Cookie` value from `uri` says, as if `uri` were the page itself. */
  setCookie(uri: Uri, cookie: string): void {
    this.#set(uri, uri, cookie)
  }

  /** Keeps what a `Set-Cookie` value says unless the accept policy refuses it for `firstParty`. */
  setCookieWithFirstParty(uri: Uri, firstParty: Uri | null, cookie: string): void {
    this.#set(uri, firstParty, cookie)
  }

  /** The value of a `Cookie` header for `uri`, or null. Without `forHttp`, HttpOnly cookies are left out. */
  getCookies(uri: Uri, forHttp: boolean): string | null {
    const cookies = this.getCookieList(uri, forHttp)
    return cookies.length === 0 ? null : cookies.map((cookie) => cookie.cookieString()).join('; ')
  }

  getCookieList(uri: Uri, forHttp: boolean): Cookie[] {
    const info = { topLevel: null, siteForCookies: null, forHttp, isSafeMethod: true, isTopLevelNavigation: false }
    return this.getCookieListWithSameSiteInfo(uri, info)
  }

  /** The cookies for `uri`, longest path first, without those whose SameSite attribute keeps them back. */
  getCookieListWithSameSiteInfo(uri: Uri, info: SameSiteInfo): Cookie[] {
    if (!this.#sites.has(siteOf(uri.host ?? ''))) return []
    return this.#jar.getCookiesSync(uri.toString(), {
      http: info.forHttp,
      sameSiteContext: sameSiteContext(uri, info),
      sort: true,
    })
  }

  allCookies(): Cookie[] {
    return (
      this.#jar
        .serializeSync()
        ?.cookies.map((cookie) => Cookie.fromJSON(cookie))
        .filter((c) => c !== undefined) ?? []
    )
  }

  deleteCookie(cookie: Cookie): void {
    const { domain, path, key } = cookie
    if (domain === null || path === null || this.#stored(domain, path, key) === null) return
    void this.#store.removeCookie(domain, path, key)
    this.emit('changed', cookie, null)
  }

  // SessionFeature.

  requestStarting(message: Message): void {
    const { target } = messageState(message)
    // Most hosts have no cookie: know it without building anything.
    const cookies =
      this.#sites.size > 0 && this.#sites.has(siteOf(target.hostname))
        ? this.getCookieListWithSameSiteInfo(target.uri, {
            topLevel: message.firstParty,
            siteForCookies: message.siteForCookies,
            forHttp: true,
            isSafeMethod: SAFE_METHODS.has(message.method),
            isTopLevelNavigation: message.isTopLevelNavigation,
          })
        : []
    if (cookies.length > 0) {
      message.requestHeaders.replace('Cookie', cookies.map((cookie) => cookie.cookieString()).join('; '))
      this.#sent.add(message)
    } else if (this.#sent.delete(message)) {
      message.requestHeaders.remove('Cookie') // set for the URI that redirected
    }
  }

  gotHeaders(message: Message): void {
    if (!message.responseHeaders.has('set-cookie')) return
    for (const cookie of message.responseHeaders.getAll('set-cookie')) {
      this.#set(message.uri, message.firstParty, cookie)
    }
  }

  #set(uri: Uri, firstParty: Uri | null, text: string): void {
    if (text.length > MAX_COOKIE_BYTES || this.acceptPolicy === CookieJarAcceptPolicy.NEVER) return
    const parsed = Cookie.parse(text, { loose: true })
    if (parsed === undefined) return
    const host = (uri.host ?? '').toLowerCase()
    const site = siteOf(host)
    if (this.#isRefusedThirdParty(site, firstParty)) return
    const domain = parsed.domain ?? host
    const old = this.#stored(domain, parsed.path ?? '/', parsed.key)
    const kept = this.#jar.setCookieSync(parsed, uri.toString(), { ignoreError: true })
    if (kept === undefined) return
    this.#sites.add(site)
    this.#evict(domain)
    this.emit('changed', old, kept)
  }

  #isRefusedThirdParty(site: string, firstParty: Uri | null): boolean {
    const { ALWAYS, NO_THIRD_PARTY } = CookieJarAcceptPolicy
    if (this.acceptPolicy === ALWAYS) return false
    if (firstParty !== null && siteOf((firstParty.host ?? '').toLowerCase()) === site) return false
    return this.acceptPolicy === NO_THIRD_PARTY || !this.#sites.has(site)
  }

  #stored(domain: string, path: string, key: string): Cookie | null {
    return this.#store.idx[domain]?.[path]?.[key] ?? null
  }

  #evict(domain: string): void {
    const paths = this.#store.idx[domain]
    if (paths === undefined) return
    const cookies = Object.values(paths).flatMap((byKey) => Object.values(byKey ?? {}))
    if (cookies.length <= MAX_COOKIES_PER_DOMAIN) return
    let oldest: Cookie | null = null
    for (const cookie of cookies) if (oldest === null || usedAt(cookie) < usedAt(oldest)) oldest = cookie
    if (oldest !== null) this.deleteCookie(oldest)
  }
}

function usedAt(cookie: Cookie): number {
  return cookie.lastAccessed instanceof Date ? cookie.lastAccessed.getTime() : 0
}

/** What cookies can be shared across: the registrable domain, or the host itself where there is none. */
function siteOf(hostname: string): string {
  return tldGetBaseDomain(hostname) ?? hostname
}

/** RFC 6265bis section 5.2: what the request is to the site the user sees. */
function sameSiteContext(uri: Uri, info: SameSiteInfo): 'strict' | 'lax' | 'none' | undefined {
  if (info.topLevel === null) return undefined
  const site = siteOf((uri.host ?? '').toLowerCase())
  if (info.siteForCookies !== null && siteOf((info.siteForCookies.host ?? '').toLowerCase()) === site) return 'strict'
  return info.isTopLevelNavigation && (info.isSafeMethod || !info.forHttp) ? 'lax' : 'none'
}
