// Decides whether a request may be sent, and whether a redirect may be followed: pure rules, asked by NetworkResourceLoader before
// each hop, because the process that asks is not trusted. Upstream: WebKit/NetworkProcess/NetworkLoadChecker.cpp.
import type { NetworkResourceLoadParameters } from '../shared/network-resource-load-parameters.ts'
import { networkError, type ResourceErrorData } from '../shared/resource-error-data.ts'
import type { ResourceRequestData } from '../shared/resource-request-data.ts'
import { siteAllows, siteFromURL } from '../shared/site.ts'

/** Hops after the first; WebKit's figure, and Fetch's (section 4.4). */
export const MAXIMUM_REDIRECTS = 20

/** Methods no page may use (Fetch section 2.2.1), in upper case. */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])
const ALLOWED_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'data:'])
const ALLOWED_REDIRECT_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:'])

/** The request to go on with, or the error to fail with. */
export type CheckResult = { readonly request: ResourceRequestData } | { readonly error: ResourceErrorData }

export class NetworkLoadChecker {
  readonly #parameters: Pick<NetworkResourceLoadParameters, 'isMainFrameNavigation' | 'options'>
  readonly #site: string
  #redirectCount = 0

  /** @param site The site whose documents the asking process may show. */
  constructor(parameters: Pick<NetworkResourceLoadParameters, 'isMainFrameNavigation' | 'options'>, site: string) {
    this.#parameters = parameters
    this.#site = site
  }

  get redirectCount(): number {
    return this.#redirectCount
  }

  /** Whether `request` may be sent: the request, its URL as the URL standard writes it, or why not. */
  check(request: ResourceRequestData): CheckResult {
    const { url } = request
    const parsed = URL.parse(url)
    if (!parsed) return refuse('BAD_URL', url, 'The URL cannot be parsed.')
    if (!ALLOWED_SCHEMES.has(parsed.protocol)) {
      return refuse('UNKNOWN_PROTOCOL', url, `The URL scheme "${parsed.protocol.slice(0, -1)}" is not supported.`)
    }
    if (FORBIDDEN_METHODS.has(request.httpMethod.toUpperCase())) {
      return refuse('FAILED', url, `The method ${request.httpMethod} is not allowed.`, 'AccessControl')
    }
    return { request: parsed.href === url ? request : { ...request, url: parsed.href } }
  }

  /** Whether the redirect to `request` may be shown to the WebProcess; counts it. */
  checkRedirection(request: ResourceRequestData): CheckResult {
    const { url } = request
    if (this.#parameters.options.redirect === 'error') {
      return refuse('BAD_REDIRECT', url, 'The load does not allow redirects.', 'AccessControl')
    }
    if (++this.#redirectCount > MAXIMUM_REDIRECTS) {
      return refuse('TOO_MANY_REDIRECTS', url, `The server redirected more than ${MAXIMUM_REDIRECTS} times.`)
    }
    const protocol = URL.parse(url)?.protocol
    if (!protocol || !ALLOWED_REDIRECT_SCHEMES.has(protocol)) {
      return refuse('BAD_REDIRECT', url, 'The server redirected to a URL that may not be redirected to.')
    }
    return { request }
  }

  /** Whether the request that the WebProcess made of a redirect may be sent. */
  checkContinuedRedirection(request: ResourceRequestData): CheckResult {
    const result = this.check(request)
    if ('error' in result || !this.#parameters.isMainFrameNavigation || this.allowsDocument(request.url)) return result
    const sentence = 'The server redirected to another site, whose documents belong in another process.'
    return refuse('CROSS_SITE_NAVIGATION', request.url, sentence, 'AccessControl')
  }

  /** Whether a document at `url` may be shown by the process that asks. */
  allowsDocument(url: string): boolean {
    const site = siteFromURL(url)
    return site !== null && siteAllows(this.#site, site)
  }
}

function refuse(...error: Parameters<typeof networkError>): CheckResult {
  return { error: networkError(...error) }
}
