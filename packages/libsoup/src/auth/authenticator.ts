// What AuthManager does: before a message is sent it adds what is known to be wanted; after a challenge it picks the
// scheme, finds or asks for credentials, and has the message sent again. Knows no scheme by name.
// Upstream: libsoup/auth/soup-auth-manager.c.

import { MessageFlags } from '../message/message-flags.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import type { ResponseVerdict } from '../session/session-feature.ts'
import type { RequestTarget } from '../uri/request-target.ts'
import { AuthCache } from './auth-cache.ts'
import { AuthQuestions } from './auth-questions.ts'
import type { Auth, AuthScheme } from './auth.ts'
import { isOfScheme, parseChallenges } from './challenge.ts'
import type { AuthChallenge } from './challenge.ts'
import { connectionOwner, hasConnectionOwners } from './connection-auth.ts'
import { MessageAuth } from './message-auth.ts'
import type { AuthSide } from './message-auth.ts'
import { originKey, originOf, proxyOf } from './who-asks.ts'
import type { WhoAsks } from './who-asks.ts'

/** The server a message is for, or the proxy that reads it. */
export type SideName = 'origin' | 'proxy'

/** Everything about one challenge. */
interface Case {
  readonly message: Message
  readonly state: MessageAuth
  readonly side: AuthSide
  readonly who: WhoAsks
  readonly challenges: readonly AuthChallenge[]
}

export class Authenticator {
  #schemes: readonly AuthScheme[] = []
  readonly #cache = new AuthCache()
  readonly #questions = new AuthQuestions()
  readonly #messages = new WeakMap<Message, MessageAuth>()
  /** The credentials of a URI that an auth was given last. */
  readonly #fromUris = new WeakMap<Auth, string>()
  /** False until a message needs any of this: most sessions never do. */
  #isUsed = false

  constructor(schemes: readonly AuthScheme[]) {
    this.schemes = schemes
  }

  /** Strongest first. */
  get schemes(): readonly AuthScheme[] {
    return this.#schemes
  }

  set schemes(schemes: readonly AuthScheme[]) {
    this.#schemes = [...schemes].sort((a, b) => b.strength - a.strength)
  }

  stateOf(message: Message): MessageAuth | undefined {
    return this.#isUsed ? this.#messages.get(message) : undefined
  }

  useAuth({ hostKey, uri }: RequestTarget, auth: Auth): void {
    this.#isUsed = true
    this.#cache.record(hostKey, auth.getProtectionSpace(uri), auth, null)
  }

  clear(): void {
    this.#cache.clear()
  }

  /** A connection that is authenticated as one user is for messages of that user only; `anonymous` ones are nobody's. */
  mayUseConnection(message: Message, connectionId: number, anonymous: boolean): boolean {
    if (!hasConnectionOwners()) return true
    const owner = connectionOwner(connectionId, false)
    if (owner !== undefined) {
      if (anonymous) return false
      const own = this.#knownTo(message, 'origin', originKey(message))
      if (own !== owner || !owner.mayUseConnection(message, connectionId)) return false
    }
    const proxyOwner = connectionOwner(connectionId, true)
    if (proxyOwner === undefined) return true
    if (anonymous) return false
    const isOwn =
      this.#messages.get(message)?.proxy.isSettledOn(proxyOwner) === true ||
      (usesCache(message) && this.#cache.isForSomeProxy(proxyOwner))
    return isOwn && proxyOwner.mayUseConnection(message, connectionId)
  }

  /** Adds to the request what the server, and the proxy that reads it, are known to want. */
  authorize(message: Message): void | Promise<void> {
    if (!this.#isUsed) return
    const isTunnel = messageState(message).tunnelFor !== null
    const pending = isTunnel ? undefined : this.#authorizeSide(message, 'origin')
    if (pending !== undefined) return pending.then(() => this.#authorizeSide(message, 'proxy'))
    return this.#authorizeSide(message, 'proxy')
  }

  /** Answers the challenge in the response of `message`. */
  challenged(message: Message, name: SideName): ResponseVerdict | Promise<ResponseVerdict> {
    const isTunnel = messageState(message).tunnelFor !== null
    const who = name === 'proxy' ? proxyOf(message) : isTunnel ? null : originOf(message)
    if (who === null) return 'deliver'
    const state = this.#stateFor(message)
    const side = state[name]
    side.turnTo(who.key)
    const text = message.responseHeaders.getList(side.challengeField)
    if (side.isCallers(message) || text === null || !state.startRound()) return 'deliver'
    return this.#answer({ message, state, side, who, challenges: parseChallenges(text) })
  }

  #answer(which: Case): ResponseVerdict | Promise<ResponseVerdict> {
    const { message, state, side, who } = which
    const prior = this.#updatePrior(which)
    const auth = prior ?? this.#choose(which)
    if (auth === null) return 'deliver'
    const isRefused = auth === side.sent && !auth.isReady(message)
    side.settleOn(auth)
    this.#giveUriCredentials(auth, side, who)
    if (auth.isReady(message)) return verdict(message, auth)
    if (!auth.canAuthenticate || auth.isAuthenticated) return 'deliver'
    const asked = messageState(message).tunnelFor ?? message
    const gone = (asked === message ? state : this.#stateFor(asked)).gone
    const pending = this.#questions.ask(asked, auth, isRefused, gone)
    if (pending === undefined) return auth.isReady(message) ? verdict(message, auth) : 'deliver'
    return pending.then(() => (auth.isReady(message) ? verdict(message, auth) : 'deliver'))
  }

  /** The auth that was used for this attempt, if it can go on with these challenges. */
  #updatePrior({ message, side, challenges }: Case): Auth | null {
    const prior = side.sent
    if (prior === null || prior.isCancelled) return null
    // Somebody else's question has brought other credentials since: those were not refused.
    const isOutdated = prior.credentialsGiven !== side.sentCredentials
    if (isOutdated && !prior.isConnectionBound && prior.isReady(message)) return prior
    for (const challenge of challenges) {
      if (!isOfScheme(challenge, prior.schemeName) || !prior.update(message, challenge)) continue
      if (prior.isReady(message) || prior.canAuthenticate) return prior
      side.fail(prior.schemeName)
    }
    return null
  }

  /** An auth of the strongest scheme that can do something with its challenge. */
  #choose(which: Case): Auth | null {
    const { message, side, who, challenges } = which
    for (const scheme of this.#schemes) {
      if (side.hasFailed(scheme.schemeName)) continue
      for (const challenge of challenges) {
        if (!isOfScheme(challenge, scheme.schemeName)) continue
        const fresh = scheme.create({ authority: who.authority, isForProxy: side.isForProxy })
        if (!fresh.update(message, challenge)) continue
        const auth = this.#record(which, fresh, challenge)
        if (auth.isReady(message) || auth.canAuthenticate) return auth
        side.fail(scheme.schemeName)
      }
    }
    return null
  }

  /** Remembers `fresh`, or finds the auth that is remembered for its realm. */
  #record({ message, side, who }: Case, fresh: Auth, challenge: AuthChallenge): Auth {
    this.#isUsed = true
    if (!usesCache(message)) return fresh
    const spaces = fresh.getProtectionSpace(message.uri)
    const auth = side.isForProxy
      ? this.#cache.recordProxy(who.key, fresh, side.sent)
      : this.#cache.record(who.key, spaces, fresh, side.sent)
    // One that still waits for credentials should have the newest challenge.
    if (auth !== fresh && !auth.isAuthenticated) auth.update(message, challenge)
    return auth
  }

  #authorizeSide(message: Message, name: SideName): void | Promise<void> {
    this.#messages.get(message)?.[name].takeBack(message)
    const proxy = name === 'proxy' ? proxyOf(message) : null
    if (name === 'proxy' && proxy === null) return
    const key = proxy?.key ?? originKey(message)
    const auth = this.#knownTo(message, name, key)
    if (auth === null) return
    const state = this.#stateFor(message)
    const side = state[name]
    side.turnTo(key)
    if (side.isCallers(message)) return
    this.#giveUriCredentials(auth, side, proxy ?? originOf(message))
    if (!auth.isReady(message)) return
    side.startAttempt(auth)
    this.#rememberUse(message, state, auth)
    const value = auth.getAuthorization(message)
    if (value instanceof Promise) return value.then((later) => side.write(message, later))
    side.write(message, value)
  }

  /** Who `message` is to be sent as, if that is known. */
  #knownTo(message: Message, name: SideName, key: string): Auth | null {
    const own = this.#messages.get(message)?.[name].authFor(key) ?? null
    if (own !== null && own.isReady(message)) return own
    if (!usesCache(message)) return null
    return name === 'proxy' ? this.#cache.lookupProxy(key) : this.#cache.lookup(key, message.uri.path || '/')
  }

  /** Takes the name and the password of the URI, before those that are remembered; once for each message. */
  #giveUriCredentials(auth: Auth, side: AuthSide, { username, password }: WhoAsks): void {
    if (username === null || side.usedUriCredentials || !auth.canAuthenticate) return
    side.usedUriCredentials = true
    const userinfo = `${username}\n${password}`
    // It has them, or better ones: those that somebody gave once these were refused.
    if (auth.isAuthenticated && this.#fromUris.get(auth) === userinfo) return
    auth.authenticate(username, password)
    this.#fromUris.set(auth, userinfo)
  }

  #stateFor(message: Message): MessageAuth {
    let state = this.#messages.get(message)
    if (state === undefined) {
      this.#isUsed = true
      this.#messages.set(message, (state = new MessageAuth()))
    }
    return state
  }

  /** Of a tunnel the message hears that it is for: only that one leaves a queue. */
  #rememberUse(message: Message, state: MessageAuth, auth: Auth): void {
    const { tunnelFor } = messageState(message)
    state.used.add(auth)
    if (tunnelFor !== null) this.#stateFor(tunnelFor).addTunnel(message, state)
  }
}

function usesCache(message: Message): boolean {
  const { flags } = messageState(message).tunnelFor ?? message
  return (flags & MessageFlags.DO_NOT_USE_AUTH_CACHE) === 0
}

function verdict(message: Message, auth: Auth): ResponseVerdict {
  if (!auth.wantsSameConnection(message)) return 'resend'
  const { responseHeaders } = message
  const isClosing =
    responseHeaders.headerContains('Connection', 'close') || responseHeaders.headerContains('Proxy-Connection', 'close')
  return isClosing ? 'resend' : 'resend-same-connection'
}
