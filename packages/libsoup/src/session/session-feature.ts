// What can be plugged into a Session: cookies, authentication, HSTS, a cache, decoding, sniffing, logging. The session
// calls these hooks directly rather than through signals, so that a feature a message does not need costs one call.
// Upstream: libsoup/soup-session-feature.c, soup-content-processor.c.

import type { Readable } from 'node:stream'
import type { MessageHeaders } from '../headers/message-headers.ts'
import type { Message } from '../message/message.ts'
import type { Session } from './session.ts'

/**
 * Where on its way from the wire to the reader a feature takes hold of a body; features of one stage go in the order in
 * which they were added. Upstream: SoupProcessingStage.
 */
export type ProcessingStage =
  | 'entity-body' // as the server encoded it: Cache
  | 'content-encoding' // ContentDecoder
  | 'body-data' // as the reader gets it, the default: ContentSniffer, Logger

/** A response that does not come from the wire. */
export interface StoredResponse {
  readonly statusCode: number
  readonly reasonPhrase: string
  readonly headers: MessageHeaders
  /** Still encoded as `Content-Encoding` says. Destroyed when its reader goes away. */
  readonly body: Readable
}

/**
 * What becomes of a response: `'deliver'` gives it to the caller; `'resend'` throws its body away and sends the message
 * again; `'resend-same-connection'` does so over the connection it came on and no other, which fails with
 * `CONNECTION_CLOSED` where that has closed; a StoredResponse is delivered in its place.
 */
export type ResponseVerdict = 'deliver' | 'resend' | 'resend-same-connection' | StoredResponse

/**
 * Every hook is optional; what it throws, or a promise it returned rejects with, fails the message. Hooks of a message,
 * in order: requestQueued, answer, requestStarting, gotInformational*, gotHeaders, reviewResponse, wrapInput; after a
 * redirect or a 'resend' requestRestarted, and on from answer; requestFailed where nothing of a response came;
 * requestUnqueued last, once. While a promise is pending the message waits, and may be cancelled.
 */
export interface SessionFeature {
  /** Default `'body-data'`. Read when the feature is added. */
  readonly processingStage?: ProcessingStage
  /** Whether requestStarting, gotHeaders and reviewResponse are also for the CONNECT that asks a proxy for a tunnel. */
  readonly worksOnTunnels?: boolean
  attach?(session: Session): void
  detach?(session: Session): void
  /** `message` was handed to the session; once per send. Its URI may still change. */
  requestQueued?(message: Message): void
  /** `message` will go again, to a new URI or with other headers. Its URI may still change. */
  requestRestarted?(message: Message): void
  /** May answer in place of the network; null leaves that to others. The first feature with an answer is taken. */
  answer?(message: Message): StoredResponse | Promise<StoredResponse | null> | null
  /**
   * Whether `message` may go over the connection of that number; false keeps it away. Called often, must be quick. Asked
   * about messages that have the feature disabled as well: what the feature made of a connection is not undone by that.
   */
  mayUseConnection?(message: Message, connectionId: number): boolean
  /** `message` has a connection and is about to be written; its request headers may still change. */
  requestStarting?(message: Message): void | Promise<void>
  /** A 1xx response, in `message.statusCode` and `message.responseHeaders`. */
  gotInformational?(message: Message): void
  /** The response's headers are in, of redirects too. */
  gotHeaders?(message: Message): void
  /**
   * `message` failed with `error` before anything of a response came, and is not tried again: a response to deliver all
   * the same, or null to let it fail. The first feature with an answer is taken.
   */
  requestFailed?(message: Message, error: Error): StoredResponse | Promise<StoredResponse | null> | null
  /**
   * Says what becomes of the response; asked of each feature in turn, until one says other than 'deliver'. Not asked
   * about a redirect that the session will follow. Its body is held back meanwhile.
   */
  reviewResponse?(message: Message): ResponseVerdict | Promise<ResponseVerdict>
  /** Cheap question asked before `wrapInput`, so that an unwrapped body needs no stream at all. */
  wantsInput?(message: Message): boolean
  /**
   * Wraps the body of a response that is delivered, or returns null to leave it. Errors of `body` must surface on the
   * returned stream, and destroying the returned stream must destroy `body`. A promise holds `send` back until it
   * settles. Not called on a StoredResponse at the stage 'entity-body'.
   */
  wrapInput?(message: Message, body: Readable): Readable | Promise<Readable> | null
  /** `message` finished, failed or was cancelled. */
  requestUnqueued?(message: Message): void
}

/** The class of a feature, as taken by `getFeature` and `disableFeature`. */
export type SessionFeatureClass<T extends SessionFeature = SessionFeature> = abstract new (...args: never[]) => T
