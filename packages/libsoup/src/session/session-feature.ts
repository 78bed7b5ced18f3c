// What can be plugged into a Session: cookies, decoding, later authentication, HSTS and cache. The session calls these
// hooks directly rather than through signals, so that a feature a message does not need costs one call.
// Upstream: libsoup/soup-session-feature.c, soup-content-processor.c.

import type { Readable } from 'node:stream'
import type { Message } from '../message/message.ts'
import type { Session } from './session.ts'

/** Every hook is optional and runs synchronously; an exception fails the message with it. */
export interface SessionFeature {
  attach?(session: Session): void
  detach?(session: Session): void
  /** `message` was handed to the session; once per send. */
  requestQueued?(message: Message): void
  /** `message` is about to be written; again for each redirect and restart. Its request headers may still change. */
  requestStarting?(message: Message): void
  /** The response's headers are in, of redirects too. */
  gotHeaders?(message: Message): void
  requestUnqueued?(message: Message): void
  /**
   * Wraps the body of a final response, or returns null to leave it. Errors of `body` must surface on the returned
   * stream, and destroying the returned stream must destroy `body`.
   */
  wrapInput?(message: Message, body: Readable): Readable | null
  /** Cheap question asked before `wrapInput`, so that an unwrapped body needs no stream at all. */
  wantsInput?(message: Message): boolean
}

/** The class of a feature, as taken by `getFeature` and `disableFeature`. */
export type SessionFeatureClass<T extends SessionFeature = SessionFeature> = abstract new (...args: never[]) => T
