// The scheme Negotiate: Kerberos tickets of this machine's user, through the system's GSS-API. Made by AuthManager for a
// server or proxy that offers it, if the class was added to it.
// Upstream: libsoup/auth/soup-auth-negotiate.c. RFC 4559, RFC 4178, RFC 5929.

import type { Message } from '../../message/message.ts'
import { Status } from '../../message/status.ts'
import { AuthError } from '../auth-error.ts'
import type { AuthPlace, AuthScheme } from '../auth.ts'
import { parseChallenges, type AuthChallenge } from '../challenge.ts'
import { ConnectionAuth } from '../connection-auth.ts'
import { endPointBindings } from '../end-point-bindings.ts'
import { GssContext, type GssStep } from './gss-context.ts'
import { systemGssLibrary, type GssLibrary } from './gss-library.ts'
import type { LibGssapi } from './libgssapi.ts'
import { publishNegotiateFailure } from './negotiate-diagnostics.ts'
import { NegotiateError } from './negotiate-error.ts'
import type { AuthNegotiateOptions } from './negotiate-options.ts'
import { TrustedUris } from './trusted-uris.ts'

type ExchangePhase =
  | 'begun' // the library is at work, or the token is on its way
  | 'challenged' // the server has sent a token back and wants another one
  | 'failed' // there is no ticket, or the server refuses it

/** Where one message stands on one connection. */
interface Exchange {
  readonly connectionId: number
  context: GssContext | null
  phase: ExchangePhase
  /** What the server answered last. */
  serverToken: Buffer | null
  lastStep: GssStep | null
}

const DEFAULT_TIMEOUT_MS = 30_000
const EMPTY = Buffer.alloc(0)

export class AuthNegotiate extends ConnectionAuth {
  static readonly schemeName: string = 'Negotiate'
  static readonly strength: number = 7

  static create(place: AuthPlace): AuthNegotiate {
    return new AuthNegotiate(place)
  }

  /** The scheme with other options than the defaults, for `AuthManager.addScheme`. */
  static withOptions(options: AuthNegotiateOptions): AuthScheme {
    const { schemeName, strength } = AuthNegotiate
    return { schemeName, strength, create: (place) => new AuthNegotiate(place, options) }
  }

  /** Whether this machine has the GSS-API library; loads it. Upstream: soup_auth_negotiate_supported. */
  static supported(): boolean {
    return systemGssLibrary.tryGet() !== null
  }

  readonly schemeName = AuthNegotiate.schemeName
  readonly #options: AuthNegotiateOptions
  readonly #library: GssLibrary
  readonly #trusted: TrustedUris
  /** The credentials are the system's: one user for as long as this lives. */
  readonly #identity = {}
  readonly #exchanges = new WeakMap<Message, Exchange>()
  #wasAccepted = false
  /** The server wants a token with each request, whatever the connection: known once it has asked for a second. */
  #isPerRequest = false

  constructor(place: AuthPlace, options: AuthNegotiateOptions = {}, library: GssLibrary = systemGssLibrary) {
    super(place)
    const { trustedUris, blocklistedUris } = options
    this.realm = ''
    this.#options = options
    this.#library = library
    this.#trusted =
      trustedUris === undefined && blocklistedUris === undefined
        ? TrustedUris.fromEnvironment()
        : new TrustedUris(trustedUris ?? [], blocklistedUris ?? [])
  }

  override getAuthorization(message: Message): null | Promise<string | null> {
    const exchange = this.#exchanges.get(message)
    if (exchange?.phase === 'challenged' && exchange.connectionId === message.connectionId) {
      return this.#nextToken(message, exchange)
    }
    this.#drop(message)
    if (!this.#isPerRequest && this.ownsConnection(message)) return null
    return this.#nextToken(message, this.#begin(message))
  }

  override wantsSameConnection(message: Message): boolean {
    return this.#exchanges.get(message)?.phase === 'challenged'
  }

  /** @throws {AuthError} `MUTUAL_AUTHENTICATION_FAILED`. */
  override gotFinalResponse(message: Message): void {
    const exchange = this.#exchanges.get(message)
    if (exchange?.phase !== 'begun' || exchange.context === null) return
    if (!this.isForProxy && message.statusCode === Status.PROXY_UNAUTHORIZED) return // The server has not seen it.
    try {
      this.#verifyServer(message, exchange)
      this.#wasAccepted = true
    } finally {
      this.#drop(message)
    }
  }

  override messageFinished(message: Message): void {
    this.#drop(message)
  }

  protected override get identity(): object {
    return this.#identity
  }

  protected override get hasCredentials(): boolean {
    return this.#wasAccepted
  }

  /** Names and passwords are for `kinit`. */
  protected override get takesCredentials(): boolean {
    return false
  }

  protected override isReadyFor(message: Message): boolean {
    return this.#exchanges.get(message)?.phase !== 'failed'
  }

  protected override setCredentials(): void {
    // The system has them.
  }

  protected override readChallenge(message: Message, { text, token68 }: AuthChallenge): boolean {
    if (text !== '' && token68 === null) return false
    if (!this.#mayAuthenticate(message) || this.#library.get() === null) return false
    const exchange = this.#exchanges.get(message)
    if (exchange?.phase === 'failed') return true
    if (exchange?.connectionId !== message.connectionId) {
      if (this.ownsConnection(message)) this.#isPerRequest = true
      this.releaseConnection(message)
      this.#drop(message)
    } else if (exchange.phase === 'begun') {
      this.releaseConnection(message)
      if (token68 !== null && exchange.lastStep?.isComplete === false) {
        exchange.phase = 'challenged'
        exchange.serverToken = Buffer.from(token68, 'base64')
      } else {
        this.#fail(exchange, new NegotiateError('GSSAPI_FAILED', 'The server refuses the ticket.'))
      }
    }
    return true
  }

  async #nextToken(message: Message, exchange: Exchange): Promise<string | null> {
    const isGone = (): boolean => this.#exchanges.get(message) !== exchange
    const { serverToken } = exchange
    exchange.serverToken = null
    exchange.phase = 'begun'
    try {
      exchange.context ??= this.#newContext(message)
      const step = await exchange.context.step(serverToken, this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
      if (isGone()) return null
      if (step.token.length === 0) throw new NegotiateError('GSSAPI_FAILED', 'The Kerberos library has no more to say.')
      exchange.lastStep = step
      // Others must keep away from now on.
      if (!this.#isPerRequest) this.claimConnection(message, this.#identity)
      return `Negotiate ${step.token.toString('base64')}`
    } catch (error) {
      if (!(error instanceof NegotiateError)) throw error
      if (!isGone()) this.#fail(exchange, error)
      return null
    }
  }

  #mayAuthenticate(message: Message): boolean {
    // A proxy is of the user's own choice.
    return this.isForProxy || this.#trusted.includes(message.uri)
  }

  #begin(message: Message): Exchange {
    const { connectionId } = message
    const exchange: Exchange = { connectionId, context: null, phase: 'begun', serverToken: null, lastStep: null }
    this.#exchanges.set(message, exchange)
    return exchange
  }

  #newContext(message: Message): GssContext {
    const library: LibGssapi | null = this.#library.get()
    if (library === null) throw new NegotiateError('UNAVAILABLE', 'There is no GSS-API library on this machine.')
    return new GssContext(library, {
      service: `HTTP@${this.host.toLowerCase()}`,
      delegate: this.#options.delegate ?? false,
      channelBindings: this.isForProxy ? null : endPointBindings(message),
    })
  }

  #verifyServer(message: Message, { context, lastStep }: Exchange): void {
    const token = this.#finalToken(message)
    if (token === null) {
      const mustProve = this.#options.requireMutualAuthentication ?? !this.isForProxy
      // Errors may be those of a gateway before the server.
      if (lastStep?.isMutual === true || !mustProve || message.statusCode >= 400) return
      throw this.#notProved('it sent no token')
    }
    let step: GssStep | undefined
    try {
      step = context?.stepNow(token)
    } catch (error) {
      throw this.#notProved('its token is wrong', error)
    }
    if (step?.isMutual !== true) throw this.#notProved('its token is not the last one')
  }

  /** Of the response to an authorized request: null for none, empty for one that cannot be read. */
  #finalToken(message: Message): Buffer | null {
    const field = this.isForProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'
    const text = message.responseHeaders.getList(field)
    const challenge = text === null ? undefined : parseChallenges(text).find(({ scheme }) => isNegotiate(scheme))
    if (challenge === undefined || challenge.text === '') return null
    return challenge.token68 === null ? EMPTY : Buffer.from(challenge.token68, 'base64')
  }

  #notProved(why: string, cause?: unknown): AuthError {
    const what = this.isForProxy ? 'proxy' : 'server'
    return new AuthError(
      'MUTUAL_AUTHENTICATION_FAILED',
      `The ${what} ${this.authority} did not prove that it is who it says: ${why}.`,
      { cause },
    )
  }

  #fail(exchange: Exchange, error: NegotiateError): void {
    exchange.phase = 'failed'
    exchange.context?.release()
    exchange.context = null
    publishNegotiateFailure(this.authority, error)
  }

  #drop(message: Message): void {
    this.#exchanges.get(message)?.context?.release()
    this.#exchanges.delete(message)
  }
}

function isNegotiate(scheme: string): boolean {
  return scheme.toLowerCase() === 'negotiate'
}
