// Cookies of a session, in memory: takes them from responses and gives them to requests. A SessionFeature; the jars that
// write files derive from it. Upstream: libsoup/cookies/soup-cookie-jar.c. RFC 6265bis sections 5.6 to 5.8.

import { EventEmitter } from 'node:events'
import type { Uri, UriLike } from '@wpe-networking/glib-gio'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import type { SessionFeature } from '../session/session-feature.ts'
import { requestTarget } from '../uri/request-target.ts'
import type { RequestTarget } from '../uri/request-target.ts'
import { siteOf } from '../uri/tld.ts'
import { cookieExpiry, cookieFromField } from './cookie.ts'
import type { Cookie } from './cookie.ts'
import { CookieJarAcceptPolicy } from './cookie-jar-accept-policy.ts'
import { isSecureScheme, pathOf } from './cookie-matching.ts'
import { isAcceptable } from './cookie-rules.ts'
import { CookieStore, inOrder, isExpired } from './cookie-store.ts'
import type { StoredCookie } from './cookie-store.ts'
import { cookiesToCookieHeader } from './cookies-of-messages.ts'
import { SameSiteContext, isSameSite, mayGoWith, sameSiteContext } from './same-site.ts'
import type { SameSiteInfo } from './same-site.ts'
import { SameSitePolicy } from './same-site-policy.ts'

export interface CookieJarEvents {
  /** A cookie was added (`oldCookie` null), replaced, or deleted, evicted or found expired (`newCookie` null). */
  changed: [oldCookie: Cookie | null, newCookie: Cookie | null]
  /** A jar with a file could not write it; it will try again. Without listeners the process is warned instead. */
  'write-failed': [error: Error]
}

export interface CookieJarOptions {
  acceptPolicy?: CookieJarAcceptPolicy
  /** Whether changes stay in memory and are forgotten with the jar. Default false. */
  readOnly?: boolean
  /** Most cookies in all; then sites with most cookies lose theirs first. Default 100,000. */
  maxCookies?: number
}

const MAX_COOKIES = 100_000

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export class CookieJar extends EventEmitter<CookieJarEvents> implements SessionFeature {
  acceptPolicy: CookieJarAcceptPolicy
  readonly readOnly: boolean
  protected readonly maxCookies: number
  readonly #store: CookieStore
  /** Messages whose `Cookie` header is this jar's doing. */
  readonly #sent = new WeakSet<Message>()

  constructor(options: CookieJarOptions = {}) {
    super()
    this.acceptPolicy = options.acceptPolicy ?? CookieJarAcceptPolicy.ALWAYS
    this.readOnly = options.readOnly ?? false
    this.maxCookies = options.maxCookies ?? MAX_COOKIES
    this.#store = new CookieStore(this.maxCookies)
  }

  /** Whether cookies outlive the process. */
  get isPersistent(): boolean {
    return false
  }

  /** Keeps what a `Set-Cookie` value from `uri` says, as if `uri` were the page itself. */
  setCookie(uri: UriLike, cookie: string): void {
    const target = requestTarget(uri)
    this.#setFrom(target, target.uri, cookie, Date.now())
  }

  /** Keeps what a `Set-Cookie` value says unless the accept policy refuses it for `firstParty`; null is a third party. */
  setCookieWithFirstParty(uri: UriLike, firstParty: Uri | null, cookie: string): void {
    this.#setFrom(requestTarget(uri), firstParty, cookie, Date.now())
  }

  /** Keeps a copy of `cookie`, whatever the accept policy says, if it is valid; one that is over deletes its like. */
  addCookie(cookie: Cookie): void {
    this.addCookieFull(cookie, null, null)
  }

  /** {@link addCookie} unless the accept policy refuses it for `firstParty`. */
  addCookieWithFirstParty(firstParty: Uri, cookie: Cookie): void {
    this.addCookieFull(cookie, null, firstParty)
  }

  /**
   * @param uri Where it comes from: a plain connection may neither set Secure cookies nor touch those there are.
   * @param firstParty What the accept policy goes by; null asks no policy.
   */
  addCookieFull(cookie: Cookie, uri: UriLike | null, firstParty: Uri | null): void {
    if (firstParty !== null && this.#isRefused(cookie, firstParty)) return
    const secure = uri === null ? null : isSecureScheme(requestTarget(uri).uri.scheme)
    this.#add(cookie.copy(), secure, Date.now())
  }

  /** The value of a `Cookie` header for `uri`, or null. Without `forHttp`, HttpOnly cookies are left out. */
  getCookies(uri: UriLike, forHttp: boolean): string | null {
    return cookiesToCookieHeader(this.getCookieList(uri, forHttp))
  }

  /** Copies of the cookies for `uri`, without regard to SameSite. */
  getCookieList(uri: UriLike, forHttp: boolean): Cookie[] {
    return this.#select(requestTarget(uri), SameSiteContext.STRICT, forHttp, Date.now()).map((cookie) => cookie.copy())
  }

  /**
   * Copies of the cookies for `uri`, longest path first, then oldest first, without those whose SameSite attribute keeps
   * them back.
   */
  getCookieListWithSameSiteInfo(uri: UriLike, info: SameSiteInfo): Cookie[] {
    const target = requestTarget(uri)
    const context = sameSiteContext(target, info)
    return this.#select(target, context, info.forHttp, Date.now()).map((cookie) => cookie.copy())
  }

  /** Copies of all cookies, oldest first. */
  allCookies(): Cookie[] {
    return this.stored().map(({ cookie }) => cookie.copy())
  }

  /** Deletes the cookie of this name, domain and path. */
  deleteCookie(cookie: Cookie): void {
    const old = this.#store.delete(cookie)
    if (old !== null) this.#changed(old, null)
  }

  // SessionFeature.

  requestStarting(message: Message): void {
    const { target } = messageState(message)
    // Most hosts have no cookie: know it without building anything.
    const header =
      this.#store.hasSite(target.hostname) && message.method !== 'CONNECT' ? this.#headerFor(message, target) : null
    if (header !== null) {
      message.requestHeaders.replace('Cookie', header)
      this.#sent.add(message)
    } else if (this.#sent.delete(message)) {
      message.requestHeaders.remove('Cookie') // set for the URI that redirected
    }
  }

  gotHeaders(message: Message): void {
    if (!message.responseHeaders.has('set-cookie') || message.method === 'CONNECT') return
    const { target } = messageState(message)
    const { firstParty, siteForCookies } = message
    const fromOtherSite =
      firstParty !== null && siteForCookies !== null && !message.isTopLevelNavigation
        ? !isSameSite(target, siteForCookies)
        : false
    const now = Date.now()
    for (const field of message.responseHeaders.getAll('set-cookie')) {
      this.#setFrom(target, firstParty, field, now, fromOtherSite)
    }
  }

  /** What a jar with a file does about a change; called before 'changed' is emitted. Not for a jar that is read-only. */
  protected save(_oldCookie: Cookie | null, _newCookie: Cookie | null): void {
    // Nothing is kept.
  }

  /** For jars with files: what is stored, oldest first. */
  protected stored(): StoredCookie[] {
    return [...this.#store.all()].sort((a, b) => a.order - b.order)
  }

  /** For jars with files: the cookie stored under the name, domain and path of `cookie`, or null. */
  protected find(cookie: Cookie): Cookie | null {
    return this.#store.find(cookie)?.cookie ?? null
  }

  /** For jars with files: takes in what the file says (null deletes `old`) without writing it again. */
  protected takeIn(old: Cookie | null, cookie: Cookie | null, silent: boolean): void {
    const gone: Cookie[] = []
    if (cookie === null) {
      if (old !== null) this.#store.delete(old)
    } else {
      if (!isAcceptable(cookie, null)) return
      gone.push(...this.#store.set(cookie, Date.now()))
    }
    if (silent) return
    this.emit('changed', old, cookie)
    for (const evicted of gone) this.emit('changed', evicted, null)
  }

  #headerFor(message: Message, target: RequestTarget): string | null {
    const context = sameSiteContext(target, {
      topLevel: message.firstParty,
      siteForCookies: message.siteForCookies,
      forHttp: true,
      isSafeMethod: SAFE_METHODS.has(message.method),
      isTopLevelNavigation: message.isTopLevelNavigation,
    })
    return cookiesToCookieHeader(this.#select(target, context, true, Date.now()))
  }

  #select(target: RequestTarget, context: SameSiteContext, forHttp: boolean, now: number): Cookie[] {
    const secure = isSecureScheme(target.uri.scheme)
    const found: StoredCookie[] = []
    for (const stored of this.#store.matching(target.hostname, pathOf(target))) {
      const { cookie } = stored
      if (isExpired(stored, now)) {
        this.deleteCookie(cookie)
      } else if ((secure || !cookie.secure) && (forHttp || !cookie.httpOnly) && mayGoWith(stored, context, now)) {
        this.#store.markUsed(stored)
        found.push(stored)
      }
    }
    return inOrder(found).map(cookieOf)
  }

  #setFrom(target: RequestTarget, firstParty: Uri | null, field: string, now: number, fromOtherSite = false): void {
    if (this.acceptPolicy === CookieJarAcceptPolicy.NEVER || target.hostname === '') return
    const cookie = cookieFromField(field, target, now)
    if (cookie === null || this.#isRefused(cookie, firstParty)) return
    if (fromOtherSite && cookie.sameSitePolicy !== SameSitePolicy.NONE) return
    this.#add(cookie, isSecureScheme(target.uri.scheme), now)
  }

  #add(cookie: Cookie, isSecureOrigin: boolean | null, now: number): void {
    if (!isAcceptable(cookie, isSecureOrigin)) return
    if (isSecureOrigin === false && this.#store.wouldHideSecure(cookie)) return
    const expires = cookieExpiry(cookie)
    if (expires !== null && expires <= now) {
      this.deleteCookie(cookie)
      return
    }
    const old = this.#store.find(cookie)
    const evicted = this.#store.set(cookie, now)
    this.#changed(old?.cookie ?? null, cookie)
    for (const gone of evicted) this.#changed(gone, null)
  }

  #changed(oldCookie: Cookie | null, newCookie: Cookie | null): void {
    if (!this.readOnly) this.save(oldCookie, newCookie)
    this.emit('changed', oldCookie, newCookie)
  }

  #isRefused(cookie: Cookie, firstParty: Uri | null): boolean {
    const { ALWAYS, NEVER, NO_THIRD_PARTY } = CookieJarAcceptPolicy
    if (this.acceptPolicy === ALWAYS) return false
    if (this.acceptPolicy === NEVER) return true
    const host = cookie.domain.toLowerCase()
    const site = siteOf(host.startsWith('.') ? host.slice(1) : host)
    if (firstParty !== null && siteOf((firstParty.host ?? '').toLowerCase()) === site) return false
    return this.acceptPolicy === NO_THIRD_PARTY || !this.#store.hasSite(site)
  }
}

function cookieOf({ cookie }: StoredCookie): Cookie {
  return cookie
}
