// What is done to a message before it goes on the wire again, for each of the reasons it may. Called by SessionQueue.
// Upstream: libsoup/soup-session.c (soup_session_requeue_item), SOUP_SESSION_MAX_RESEND_COUNT.

import { SessionError } from '../errors.ts'
import type { MessageQueueItem } from './message-queue-item.ts'
import { redirectMessage } from './redirect.ts'

/** Redirects of one message, and restarts by features. */
const MAX_RESEND_COUNT = 20

/**
 * Counts the restart, points the message at its new URI if it is redirected, and forgets the last response.
 *
 * @throws {SessionError} `TOO_MANY_REDIRECTS`, `TOO_MANY_RESTARTS`, and those of `redirectMessage`.
 */
export function prepareRestart(item: MessageQueueItem): void {
  const { message, messageState, fate } = item
  if (fate === 'redirect') {
    item.redirectCount += 1
    if (item.redirectCount > MAX_RESEND_COUNT) {
      throw new SessionError('TOO_MANY_REDIRECTS', `The server redirected more than ${MAX_RESEND_COUNT} times.`)
    }
    redirectMessage(message)
  } else if (fate !== null) {
    item.resendCount += 1
    if (item.resendCount > MAX_RESEND_COUNT) {
      throw new SessionError('TOO_MANY_RESTARTS', `The message was sent more than ${MAX_RESEND_COUNT} times.`)
    }
  }
  messageState.cleanupResponse()
  messageState.metrics?.restart()
  item.reset()
}
