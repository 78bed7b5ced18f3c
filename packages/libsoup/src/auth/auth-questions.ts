// Asks the caller of a message for credentials, through its 'authenticate', and waits for the answer. Messages that need
// the same credentials wait for one question. Owned by AuthManager. Upstream: authenticate_auth in
// libsoup/auth/soup-auth-manager.c, which asks once for every message.

import { askListeners } from '../message/ask-listeners.ts'
import type { Message } from '../message/message.ts'
import type { Auth } from './auth.ts'

export class AuthQuestions {
  /** The question about an auth that is being asked; resolves when it was answered, or its message has gone. */
  readonly #open = new Map<Auth, Promise<void>>()

  /**
   * Returns, or resolves, when `auth` has new credentials, is cancelled, or nobody cares to answer. `gone` resolves when
   * `message` does not wait any more.
   */
  ask(message: Message, auth: Auth, retrying: boolean, gone: Promise<void>): void | Promise<void> {
    if (message.listenerCount('authenticate') === 0) return
    const other = this.#open.get(auth)
    if (other !== undefined) return this.#askLater(other, message, auth, retrying, gone)
    const before = auth.credentialsGiven
    const handled = askListeners(message, 'authenticate', auth, retrying)
    if (handled === false || isAnswered(auth, before)) return
    const question = waitForAnswer(auth, before, handled, gone)
    const closed = question.then(ignore, ignore)
    this.#open.set(auth, closed)
    return question.finally(() => this.#open.delete(auth))
  }

  async #askLater(
    other: Promise<void>,
    message: Message,
    auth: Auth,
    retrying: boolean,
    gone: Promise<void>,
  ): Promise<void> {
    const before = auth.credentialsGiven
    let isGone = false
    await Promise.race([other, gone.then(() => (isGone = true))])
    if (!isGone && !isAnswered(auth, before)) await this.ask(message, auth, retrying, gone)
  }
}

async function waitForAnswer(
  auth: Auth,
  before: number,
  handled: true | Promise<boolean>,
  gone: Promise<void>,
): Promise<void> {
  const decided = auth.whenDecided()
  const takesCare = await Promise.race([handled, gone.then(() => false)])
  if (takesCare && !isAnswered(auth, before)) await Promise.race([decided, gone])
}

function isAnswered(auth: Auth, before: number): boolean {
  return auth.credentialsGiven !== before || auth.isCancelled
}

function ignore(): void {
  // Whoever asked is told.
}
