// What AuthManager knows of one message: who asked for credentials, what was sent, what became of it. Two sides, since
// the server and the proxy before it may both ask.

import type { Message } from '../message/message.ts'
import type { Auth } from './auth.ts'

/** Times one message is sent again for the sake of credentials; after that the server's answer is delivered. */
const MAX_ROUNDS = 18

export class AuthSide {
  readonly isForProxy: boolean
  readonly requestField: string
  readonly challengeField: string
  /** Whom the rest is about: the server or proxy of the last attempt. */
  #key: string | null = null
  /** Whom the next attempt is sent as. */
  #auth: Auth | null = null
  /** Who had its say about this attempt. */
  sent: Auth | null = null
  /** `auth.credentialsGiven` of that time. */
  sentCredentials = 0
  usedUriCredentials = false
  /** The value of the field in the request, if it is AuthManager's. */
  #written: string | null = null
  /** Schemes that can do nothing more for this message. */
  #failedSchemes: Set<string> | null = null

  constructor(isForProxy: boolean) {
    this.isForProxy = isForProxy
    this.requestField = isForProxy ? 'Proxy-Authorization' : 'Authorization'
    this.challengeField = isForProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'
  }

  /** Forgets everybody if the message goes elsewhere now, as after a redirect. The field stays AuthManager's. */
  turnTo(key: string): void {
    if (this.#key !== key) this.forget()
    this.#key = key
  }

  /** Whom the next attempt at `key` is sent as, if that was settled. */
  authFor(key: string): Auth | null {
    return this.#key === key ? this.#auth : null
  }

  isSettledOn(auth: Auth): boolean {
    return this.#auth === auth
  }

  /** The next attempt is sent as `auth`. */
  settleOn(auth: Auth): void {
    this.#auth = auth
  }

  /** `auth` has its say about the attempt that begins. */
  startAttempt(auth: Auth): void {
    this.#auth = auth
    this.sent = auth
    this.sentCredentials = auth.credentialsGiven
  }

  /** Sets the field, unless there is nothing to say this time. */
  write(message: Message, value: string | null): void {
    if (value === null) return
    message.requestHeaders.replace(this.requestField, value)
    this.#written = value
  }

  /** Whether the request has a field that its caller set. */
  isCallers({ requestHeaders }: Message): boolean {
    const value = requestHeaders.getOne(this.requestField)
    return value !== null && value !== this.#written
  }

  /** Takes the field of the attempt before away, if it was not the caller's. */
  takeBack(message: Message): void {
    if (this.#written !== null && !this.isCallers(message)) message.requestHeaders.remove(this.requestField)
    this.#written = null
    this.sent = null
  }

  fail(schemeName: string): void {
    ;(this.#failedSchemes ??= new Set()).add(schemeName)
  }

  hasFailed(schemeName: string): boolean {
    return this.#failedSchemes?.has(schemeName) ?? false
  }

  forget(): void {
    this.#key = null
    this.#auth = null
    this.sent = null
    this.usedUriCredentials = false
    this.#failedSchemes = null
  }
}

export class MessageAuth {
  readonly origin = new AuthSide(false)
  readonly proxy = new AuthSide(true)
  /** Everybody it was used with, to be told when it is done. */
  readonly used = new Set<Auth>()
  /** The CONNECTs that made the way for it. */
  #tunnels: Map<Message, MessageAuth> | null = null
  #rounds = 0
  #isGone = false
  #gone: PromiseWithResolvers<void> | null = null

  /** Resolves when the message has left the session. */
  get gone(): Promise<void> {
    if (this.#isGone) return Promise.resolve()
    return (this.#gone ??= Promise.withResolvers<void>()).promise
  }

  addTunnel(tunnel: Message, state: MessageAuth): void {
    ;(this.#tunnels ??= new Map<Message, MessageAuth>()).set(tunnel, state)
  }

  /** Counts an attempt to satisfy a challenge; false when there were too many. */
  startRound(): boolean {
    this.#rounds += 1
    return this.#rounds <= MAX_ROUNDS
  }

  /** The message is sent anew by its caller. */
  restart(): void {
    this.origin.forget()
    this.proxy.forget()
    this.#rounds = 0
    this.#isGone = false
  }

  finish(message: Message): void {
    this.#isGone = true
    this.#gone?.resolve()
    this.#gone = null
    for (const auth of this.used) auth.messageFinished(message)
    this.used.clear()
    for (const [tunnel, state] of this.#tunnels ?? []) state.finish(tunnel)
    this.#tunnels = null
  }
}
