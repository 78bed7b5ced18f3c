// The scheme NTLM, in its version 2 only: one connection is authenticated by two round trips and then needs no more.
// Made by AuthManager for a server or proxy that offers it, if the class was added to it.
// Upstream: libsoup/auth/soup-auth-ntlm.c. MS-NTHT; MS-NLMP section 3.1.5.

import { randomBytes } from 'node:crypto'
import { HTTPVersion } from '../../message/http-version.ts'
import { messageState } from '../../message/message.ts'
import type { Message } from '../../message/message.ts'
import { Status } from '../../message/status.ts'
import type { AuthPlace } from '../auth.ts'
import type { AuthChallenge } from '../challenge.ts'
import { ConnectionAuth } from '../connection-auth.ts'
import { endPointBindings } from '../end-point-bindings.ts'
import { writeAuthenticateMessage } from './authenticate-message.ts'
import { parseChallengeMessage, type ChallengeMessage } from './challenge-message.ts'
import { writeNegotiateMessage } from './negotiate-message.ts'
import { NtlmError } from './ntlm-error.ts'
import { ntHash, type NtlmIdentity } from './ntlm-v2.ts'
import { splitUserName } from './split-user-name.ts'

/** The password is not kept: `ntHash` is all NTLM needs, and all somebody needs who wants to be this user. */
interface Credentials extends NtlmIdentity {
  /** A server took them once: a refusal after that is about the resource. */
  accepted: boolean
}

type ExchangePhase =
  | 'negotiate-sent' // the first message is on its way, or was ignored
  | 'challenged' // the second is here
  | 'authenticate-sent' // the third is on its way
  | 'failed' // the server does not speak it, or refuses what others were granted

/** Where one message stands on one connection. */
interface Exchange {
  readonly connectionId: number
  readonly credentials: Credentials
  readonly negotiate: Buffer
  challenge: ChallengeMessage | null
  phase: ExchangePhase
}

/** In UTF-16 units; user names of Windows end at 256. */
const MAX_NAME_LENGTH = 1024
const CLIENT_CHALLENGE_BYTES = 8

export class AuthNTLM extends ConnectionAuth {
  static readonly schemeName: string = 'NTLM'
  static readonly strength: number = 3

  static create(place: AuthPlace): AuthNTLM {
    return new AuthNTLM(place)
  }

  readonly schemeName = AuthNTLM.schemeName
  #credentials: Credentials | null = null
  readonly #exchanges = new WeakMap<Message, Exchange>()

  override getAuthorization(message: Message): string | null {
    // A challenge there makes the message go over HTTP/1.
    if (messageState(message).connection?.protocol === 'h2') return null
    const exchange = this.#exchangeOf(message)
    if (exchange?.phase === 'challenged') return this.#authenticate(message, exchange)
    // One that got no answer has authenticated nothing.
    if (exchange?.phase === 'authenticate-sent') this.releaseConnection(message)
    else if (this.ownsConnection(message)) return null
    return this.#negotiate(message)
  }

  override wantsSameConnection(message: Message): boolean {
    return this.#exchanges.get(message)?.phase === 'challenged'
  }

  override gotFinalResponse(message: Message): void {
    const exchange = this.#exchangeOf(message)
    if (exchange === undefined) return
    if (!this.isForProxy && message.statusCode === Status.PROXY_UNAUTHORIZED) return // The server has not seen it.
    if (exchange.phase === 'authenticate-sent') this.#accepted(message, exchange)
    else this.#exchanges.delete(message)
  }

  override messageFinished(message: Message): void {
    this.#exchanges.delete(message)
  }

  protected override get identity(): object | null {
    return this.#credentials
  }

  protected override get hasCredentials(): boolean {
    return this.#credentials !== null
  }

  protected override isReadyFor(message: Message): boolean {
    return this.#credentials !== null && this.#exchanges.get(message)?.phase !== 'failed'
  }

  /** @throws {RangeError} When the name is longer than 1,024 characters. */
  protected override setCredentials(username: string, password: string): void {
    if (username.length > MAX_NAME_LENGTH) {
      throw new RangeError(`A user name for NTLM has at most ${MAX_NAME_LENGTH} characters.`)
    }
    const { user, domain } = splitUserName(username)
    const hash = ntHash(password)
    const known = this.#credentials
    // The same again must stay the same object, or connections authenticated with it would be of no more use.
    if (known !== null && known.user === user && known.domain === domain && known.ntHash.equals(hash)) return
    this.#credentials = { user, domain, ntHash: hash, accepted: false }
  }

  protected override readChallenge(message: Message, { text, token68 }: AuthChallenge): boolean {
    if (text !== '' && token68 === null) return false
    if (message.httpVersion === HTTPVersion.HTTP_2_0) message.forceHttp1 = true // Its streams cannot be told apart.
    if (this.#exchanges.get(message)?.phase === 'failed') return true
    const exchange = this.#exchangeOf(message)
    if (exchange === undefined) {
      this.releaseConnection(message)
      this.#exchanges.delete(message)
    } else if (exchange.phase === 'negotiate-sent') {
      this.#challenged(exchange, token68)
    } else if (exchange.phase === 'authenticate-sent') {
      this.#refused(message, exchange)
    }
    return true
  }

  #negotiate(message: Message): string | null {
    const credentials = this.#credentials
    if (credentials === null) return null
    const negotiate = writeNegotiateMessage()
    const { connectionId } = message
    this.#exchanges.set(message, {
      connectionId,
      credentials,
      negotiate,
      challenge: null,
      phase: 'negotiate-sent',
    })
    return header(negotiate)
  }

  /** Without a challenge, or with one that is no good, there is no way on: the response is delivered. */
  #challenged(exchange: Exchange, token68: string | null): void {
    exchange.phase = 'failed'
    if (token68 === null) return
    try {
      exchange.challenge = parseChallengeMessage(token68)
    } catch (error) {
      if (error instanceof NtlmError) return
      throw error
    }
    exchange.phase = 'challenged'
    this.realm = exchange.challenge.targetName
  }

  #authenticate(message: Message, exchange: Exchange): string | null {
    const { challenge, credentials, negotiate } = exchange
    if (challenge === null) return null
    const answer = writeAuthenticateMessage({
      identity: credentials,
      negotiate,
      challenge,
      channelBindings: this.isForProxy ? null : endPointBindings(message),
      targetName: `HTTP/${this.host}`,
      clientChallenge: randomBytes(CLIENT_CHALLENGE_BYTES),
      now: Date.now(),
    })
    exchange.phase = 'authenticate-sent'
    // Before the answer: others must keep away from now on.
    this.claimConnection(message, credentials)
    return header(answer)
  }

  #accepted(message: Message, { credentials }: Exchange): void {
    credentials.accepted = true
    this.#exchanges.delete(message)
  }

  #refused(message: Message, exchange: Exchange): void {
    const { credentials } = exchange
    this.releaseConnection(message)
    if (credentials.accepted) {
      exchange.phase = 'failed'
      return
    }
    this.#exchanges.delete(message)
    // Others may have been given by now, for another message.
    if (this.#credentials === credentials) this.#credentials = null
  }

  /** Of this connection: on another one everything starts anew. */
  #exchangeOf(message: Message): Exchange | undefined {
    const exchange = this.#exchanges.get(message)
    return exchange?.connectionId === message.connectionId ? exchange : undefined
  }
}

function header(message: Buffer): string {
  return `NTLM ${message.toString('base64')}`
}
