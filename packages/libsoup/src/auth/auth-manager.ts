// HTTP authentication of a session, with servers and proxies. A SessionFeature; Authenticator does the work.
// Upstream: libsoup/auth/soup-auth-manager.c. RFC 9110 section 11.

import type { UriLike } from '@wpe-networking/glib-gio'
import type { Message } from '../message/message.ts'
import { Status } from '../message/status.ts'
import type { ResponseVerdict, SessionFeature } from '../session/session-feature.ts'
import { requestTarget } from '../uri/request-target.ts'
import { AuthBasic } from './auth-basic.ts'
import { AuthDigest } from './auth-digest.ts'
import type { Auth, AuthScheme } from './auth.ts'
import { Authenticator } from './authenticator.ts'

export interface AuthManagerOptions {
  /** Default: Basic and Digest. Add NTLM and Negotiate where servers may be told who the user of this machine is. */
  readonly schemes?: readonly AuthScheme[]
}

/**
 * Answers 401 and 407. Credentials come from the URI (`http://user:password@host/`), from earlier messages, or from a
 * listener of the message's 'authenticate'; without any the response is delivered. An `Authorization` or
 * `Proxy-Authorization` field that the caller set is left alone, and so is the answer to it. Credentials go to nobody but
 * the origin or proxy they were given for.
 */
export class AuthManager implements SessionFeature {
  readonly worksOnTunnels = true
  readonly #authenticator: Authenticator

  constructor(options: AuthManagerOptions = {}) {
    this.#authenticator = new Authenticator(options.schemes ?? [AuthBasic, AuthDigest])
  }

  /** Strongest first. */
  get schemes(): readonly AuthScheme[] {
    return this.#authenticator.schemes
  }

  /** Lets `scheme` be used from the next challenge on. Upstream: soup_session_add_feature_by_type. */
  addScheme(scheme: AuthScheme): void {
    if (!this.hasScheme(scheme)) this.#authenticator.schemes = [...this.schemes, scheme]
  }

  /** Keeps `scheme` from new challenges; realms it is in use for keep it. */
  removeScheme(scheme: AuthScheme): void {
    this.#authenticator.schemes = this.schemes.filter((one) => one !== scheme)
  }

  hasScheme(scheme: AuthScheme): boolean {
    return this.schemes.includes(scheme)
  }

  /**
   * Uses `auth` for `uri` and what shares its protection space, as if a challenge had come from there. This saves a round
   * trip where the scheme needs nothing of the challenge (Basic, NTLM, Negotiate; not Digest).
   *
   * @throws {UriError} When `uri` is a string that is no absolute URI.
   */
  useAuth(uri: UriLike, auth: Auth): void {
    this.#authenticator.useAuth(requestTarget(uri), auth)
  }

  /** Forgets all credentials. Connections that were authenticated serve no message any more that does not have them. */
  clearCachedCredentials(): void {
    this.#authenticator.clear()
  }

  // SessionFeature.

  requestQueued(message: Message): void {
    this.#authenticator.stateOf(message)?.restart()
  }

  mayUseConnection(message: Message, connectionId: number): boolean {
    return this.#authenticator.mayUseConnection(message, connectionId, message.isFeatureDisabled(this))
  }

  requestStarting(message: Message): void | Promise<void> {
    return this.#authenticator.authorize(message)
  }

  gotHeaders(message: Message): void {
    const state = this.#authenticator.stateOf(message)
    if (state === undefined) return
    if (message.statusCode !== Status.UNAUTHORIZED) state.origin.sent?.gotFinalResponse(message)
    if (message.statusCode !== Status.PROXY_UNAUTHORIZED) state.proxy.sent?.gotFinalResponse(message)
  }

  reviewResponse(message: Message): ResponseVerdict | Promise<ResponseVerdict> {
    const { statusCode } = message
    if (statusCode === Status.UNAUTHORIZED) return this.#authenticator.challenged(message, 'origin')
    if (statusCode === Status.PROXY_UNAUTHORIZED) return this.#authenticator.challenged(message, 'proxy')
    return 'deliver'
  }

  requestUnqueued(message: Message): void {
    this.#authenticator.stateOf(message)?.finish(message)
  }
}
