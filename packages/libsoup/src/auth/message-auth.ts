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
  /** Whom the next attempt is sent as. */
  auth: Auth | null = null
  /** Who had its say about this attempt. */
  sent: Auth | null = null
  /** `auth.credentialsGiven` of that time. */
  sentCredentials = 0
  /** The field in the request is AuthManager's, not the caller's. */
  wroteField = false
  usedUriCredentials = false
  /** Schemes that can do nothing more for this message. */
  #failedSchemes: Set<string> | null = null

  constructor(isForProxy: boolean) {
    this.isForProxy = isForProxy
    this.requestField = isForProxy ? 'Proxy-Authorization' : 'Authorization'
    this.challengeField = isForProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'
  }

  /** `auth` has its say about the attempt that begins. */
  startAttempt(auth: Auth): void {
    this.auth = auth
    this.sent = auth
    this.sentCredentials = auth.credentialsGiven
  }

  /** Sets the field, unless there is nothing to say this time. */
  write(message: Message, value: string | null): void {
    if (value === null) return
    message.requestHeaders.replace(this.requestField, value)
    this.wroteField = true
  }

  /** Takes the field of the attempt before away, if it was not the caller's. */
  takeBack(message: Message): void {
    if (this.wroteField) message.requestHeaders.remove(this.requestField)
    this.wroteField = false
    this.sent = null
  }

  fail(schemeName: string): void {
    ;(this.#failedSchemes ??= new Set()).add(schemeName)
  }

  hasFailed(schemeName: string): boolean {
    return this.#failedSchemes?.has(schemeName) ?? false
  }

  /** Forgets everybody: another server is asked now. The field stays AuthManager's. */
  forget(): void {
    this.auth = null
    this.sent = null
    this.usedUriCredentials = false
    this.#failedSchemes = null
  }
}

export class MessageAuth {
  /** Scheme, host and port the `origin` side is about. */
  hostKey: string
  readonly origin = new AuthSide(false)
  readonly proxy = new AuthSide(true)
  /** Everybody it was used with, to be told when it is done. */
  readonly used = new Set<Auth>()
  /** The CONNECTs that made the way for it. */
  #tunnels: Map<Message, MessageAuth> | null = null
  #rounds = 0
  #isGone = false
  #gone: PromiseWithResolvers<void> | null = null

  constructor(hostKey: string) {
    this.hostKey = hostKey
  }

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
  restart(hostKey: string): void {
    this.origin.forget()
    this.proxy.forget()
    this.hostKey = hostKey
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
