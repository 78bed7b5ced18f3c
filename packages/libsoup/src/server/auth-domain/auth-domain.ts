// Part of a Server that wants credentials. Subclasses know one scheme each.
// Called by Server through authenticate-request.ts. Upstream: libsoup/server/soup-auth-domain.c. RFC 9110 section 11.

import { PathMap } from '../path-map.ts'
import type { ServerMessage } from '../server-message.ts'

/** Whether a request that a domain covers by its path really needs credentials. */
export type AuthDomainFilter = (domain: AuthDomain, message: ServerMessage) => boolean

/**
 * Whether `username` is let in; asked by a domain without an auth callback of its own. It may call
 * `domain.checkPassword` with the password that is right.
 */
export type AuthDomainGenericAuthCallback = (
  domain: AuthDomain,
  message: ServerMessage,
  username: string,
) => boolean | Promise<boolean>

/** Options all kinds of domains share. */
export interface AuthDomainOptions {
  /** Name of the protection space, shown to users. */
  readonly realm: string
  /** Ask as a proxy does: 407, for every path. Default false. */
  readonly proxy?: boolean
  /** Paths to cover from the start; see `addPath`. */
  readonly paths?: readonly string[]
  readonly filter?: AuthDomainFilter | null
  readonly genericAuthCallback?: AuthDomainGenericAuthCallback | null
}

/** Base of `AuthDomainBasic` and `AuthDomainDigest`. Add it to a server with `addAuthDomain`. */
export abstract class AuthDomain {
  readonly realm: string
  readonly proxy: boolean
  /** Called for requests the paths cover; where it says false no credentials are needed. */
  filter: AuthDomainFilter | null
  genericAuthCallback: AuthDomainGenericAuthCallback | null
  readonly #paths = new PathMap<boolean>()

  protected constructor(options: AuthDomainOptions) {
    this.realm = options.realm
    this.proxy = options.proxy ?? false
    this.filter = options.filter ?? null
    this.genericAuthCallback = options.genericAuthCallback ?? null
    for (const path of options.paths ?? []) this.addPath(path)
  }

  /** Covers `path` and what is below it, up to longer paths that were removed. '' means `/`. */
  addPath(path: string): void {
    this.#paths.add(path === '' ? '/' : path, true)
  }

  /** Leaves `path` and what is below it out, up to longer paths that were added. */
  removePath(path: string): void {
    this.#paths.add(path === '' ? '/' : path, false)
  }

  /**
   * Whether `message` needs credentials of this domain. A proxy's domain covers every path; any other one a path too that
   * it covers with `//` taken for `/`, as file systems take it.
   */
  covers(message: ServerMessage): boolean {
    if (!this.proxy && !this.#coversPath(message.path)) return false
    return this.filter === null || this.filter(this, message)
  }

  #coversPath(path: string): boolean {
    if (this.#paths.lookup(path) === true) return true
    return path.includes('//') && this.#paths.lookup(path.replace(/\/+/g, '/')) === true
  }

  /**
   * Checks the credentials of a request.
   *
   * @returns The name of the user they are good for, or null.
   */
  async accepts(message: ServerMessage): Promise<string | null> {
    const credentials = this.credentialsOf(message)
    return credentials === null ? null : this.acceptsCredentials(message, credentials)
  }

  /** Sets status 401 (407 for a proxy) and adds a challenge. */
  challenge(message: ServerMessage): void {
    message.setStatus(this.proxy ? 407 : 401)
    const field = this.proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'
    for (const challenge of this.challenges(message)) message.responseHeaders.append(field, challenge)
  }

  /** Whether the request's credentials are those of `username` with `password`. */
  abstract checkPassword(message: ServerMessage, username: string, password: string): boolean

  /** Checks credentials as they came, scheme and all. */
  protected abstract acceptsCredentials(message: ServerMessage, credentials: string): Promise<string | null>

  /** One or more challenges, best first. */
  protected abstract challenges(message: ServerMessage): string[]

  /** What the request carries for this kind of domain, or null. */
  protected credentialsOf(message: ServerMessage): string | null {
    return message.requestHeaders.getOne(this.proxy ? 'Proxy-Authorization' : 'Authorization')
  }

  /** Asks the generic callback; false without one. */
  protected async askGenericCallback(message: ServerMessage, username: string): Promise<boolean> {
    return (await this.genericAuthCallback?.(this, message, username)) === true
  }
}
