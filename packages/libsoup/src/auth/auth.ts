// What every authentication scheme is to AuthManager: it reads challenges, takes a name and a password, and says what to
// send. One object stands for one realm of one server or proxy. Called by AuthManager, which adds no knowledge of any
// scheme; listeners of a message's 'authenticate' see it too. Upstream: libsoup/auth/soup-auth.c, soup-connection-auth.c.
// RFC 9110 section 11.

import type { Uri } from '@wpe-networking/glib-gio'
import type { Message } from '../message/message.ts'
import { isOfScheme, parseCredentials } from './challenge.ts'
import type { AuthChallenge } from './challenge.ts'

/** Who asks for credentials. */
export interface AuthPlace {
  /** Host and port of the server or proxy. */
  readonly authority: string
  readonly isForProxy: boolean
}

/** A scheme as AuthManager knows it; the classes of the schemes are such themselves. */
export interface AuthScheme {
  readonly schemeName: string
  /** Of the schemes a server offers the strongest is taken: Basic 1, NTLM 3, Digest 5, Negotiate 7. */
  readonly strength: number
  create(place: AuthPlace): Auth
}

export abstract class Auth {
  abstract readonly schemeName: string
  /** What the server says the credentials are for; users should be shown it, as the server's words. */
  realm: string | null = null
  /** Host and port of who asks. */
  authority: string
  isForProxy: boolean
  #cancelled = false
  #credentialsGiven = 0
  #deciding: PromiseWithResolvers<void> | null = null

  constructor({ authority, isForProxy }: AuthPlace) {
    this.authority = authority
    this.isForProxy = isForProxy
  }

  /** What tells realms of one host apart. */
  get info(): string {
    return this.isConnectionBound ? this.schemeName : `${this.schemeName}:${this.realm ?? ''}`
  }

  /** Whether a name and a password were given and not refused since. */
  get isAuthenticated(): boolean {
    return !this.#cancelled && this.hasCredentials
  }

  /** How many times `authenticate` was called, which tells whether a refusal is of what is known now. */
  get credentialsGiven(): number {
    return this.#credentialsGiven
  }

  /** Whether it was given up; for good. */
  get isCancelled(): boolean {
    return this.#cancelled
  }

  /** Whether `authenticate` is of use: not after `cancel`, nor where the system has the credentials. */
  get canAuthenticate(): boolean {
    return !this.#cancelled && this.takesCredentials
  }

  /** Whether it is a connection that gets authenticated, rather than each message. */
  get isConnectionBound(): boolean {
    return false
  }

  /** Whether it can say what to send with `message`. */
  isReady(message: Message): boolean {
    return !this.#cancelled && this.isReadyFor(message)
  }

  /**
   * Reads a challenge: the first one it is made for, and each that refuses what was sent. `header` is one challenge with
   * its scheme. After a refusal it is ready no more, unless the challenge says that the credentials were good.
   *
   * @returns False when the challenge is another scheme's or realm's, or nothing can be done with it.
   */
  update(message: Message, header: string | AuthChallenge): boolean {
    const challenge = typeof header === 'string' ? parseCredentials(header) : header
    if (this.#cancelled || challenge === null || !isOfScheme(challenge, this.schemeName)) return false
    const realm = challenge.params.get('realm') ?? null
    if (realm !== null && this.realm !== null && realm !== this.realm) return false
    this.realm ??= realm
    return this.readChallenge(message, challenge)
  }

  /** Takes a name and a password, in answer to 'authenticate' or ahead of it. Does nothing after `cancel`. */
  authenticate(username: string, password: string): void {
    if (this.#cancelled) return
    this.#credentialsGiven += 1
    this.setCredentials(username, password)
    this.#decided()
  }

  /** Gives it up: the response that asks for credentials is delivered. */
  cancel(): void {
    this.#cancelled = true
    this.#decided()
  }

  /** Resolves at the next `authenticate` or `cancel`. */
  whenDecided(): Promise<void> {
    return (this.#deciding ??= Promise.withResolvers<void>()).promise
  }

  /**
   * The value of the `Authorization` or `Proxy-Authorization` field for `message`, whose connection is known by now; null
   * sends none. Asked only while `isReady`. A rejection fails the message.
   */
  abstract getAuthorization(message: Message): string | null | Promise<string | null>

  /** Paths of `uri`'s host that are known to take the same credentials, with all that is below; `/` is all of it. */
  abstract getProtectionSpace(uri: Uri): readonly string[]

  // For connection-bound schemes.

  /** Whether the answer to the challenge just read must go over the connection it came on. */
  wantsSameConnection(_message: Message): boolean {
    return false
  }

  /** Whether `message`, which this is for, may go over the connection of that number. Called often. */
  mayUseConnection(_message: Message, _connectionId: number): boolean {
    return true
  }

  /**
   * Looks at a response to a message it gave an authorization for, and which is no new challenge to it; redirects too. What
   * it throws fails the message.
   */
  gotFinalResponse(_message: Message): void {
    // Most schemes have nothing to check.
  }

  /** `message`, which it was used for, is done with. */
  messageFinished(_message: Message): void {
    // Most schemes keep nothing.
  }

  /** Whether there is a name and a password. */
  protected abstract get hasCredentials(): boolean

  /** Whether it takes a name and a password. */
  protected get takesCredentials(): boolean {
    return true
  }

  protected isReadyFor(_message: Message): boolean {
    return this.hasCredentials
  }

  /** See `update`; scheme and realm are right. */
  protected abstract readChallenge(message: Message, challenge: AuthChallenge): boolean

  protected abstract setCredentials(username: string, password: string): void

  #decided(): void {
    this.#deciding?.resolve()
    this.#deciding = null
  }
}
