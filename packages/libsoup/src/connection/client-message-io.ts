// The one table of operations between the session and the wire; HTTP/1 and HTTP/2 each fill it, and nothing above asks
// which it is. Upstream: libsoup/soup-client-message-io.h.

import type { Duplex, Readable } from 'node:stream'
import type { HTTPVersion } from '../message/http-version.ts'
import type { MessageHeaders } from '../headers/message-headers.ts'
import type { Message } from '../message/message.ts'

/** Sends messages over one connection. */
export interface ClientMessageIO {
  /** Most messages that may be under way at once: 1 on HTTP/1, the peer's limit on HTTP/2. */
  readonly maxConcurrent: number
  /** Whether another message may be sent now; false for good once the connection is closing. */
  readonly isReady: boolean
  /** Writes the message and reports to `observer`. Only while `isReady`. Never throws: failures go to `ioFailed`. */
  send(observer: MessageIOObserver): void
  /** Stops reading the response of `observer`'s message until `resume`; what is on its way may still be delivered. */
  pause(observer: MessageIOObserver): void
  resume(observer: MessageIOObserver): void
  /** Gives a message up; its observer hears no more. HTTP/1 closes the connection, HTTP/2 resets the one stream. */
  cancel(observer: MessageIOObserver): void
  /** Closes the connection; messages under way fail. */
  close(): void
}

/** What happened to a message before it failed; decides about a retry. */
export interface IOFailure {
  readonly error: Error
  /** Some of the request may have reached the server. */
  readonly requestWritten: boolean
  /** Some of the response has come. */
  readonly responseStarted: boolean
  /** The connection broke, rather than a timeout, a limit or a protocol error. */
  readonly connectionLost: boolean
}

/**
 * Hears how one message fares, in this order: `requestStarted`, `wroteHeaders`, `wroteBodyData`*, `wroteBody`,
 * `responseStarted`, `gotInformational`*, `gotHeaders`, `gotBodyData`*, then `gotTrailers` if there are any and `gotBody`,
 * or, at any point, `ioFailed`. A response may come before the request is written whole. `upgraded` stands in the place
 * of `gotHeaders` and all that follows it.
 */
export interface MessageIOObserver {
  readonly message: Message
  /** For the wire code's own use while the message is under way. */
  wireState: object | null
  /**
   * The protocol to ask the server to change to, such as `websocket` (RFC 9110 section 7.8), or null. A request with the
   * method CONNECT asks for a tunnel without it.
   */
  readonly upgradeProtocol: string | null
  /** What to write as the request's body this time. */
  openRequestBody(): Buffer | Readable | null
  requestStarted(): void
  wroteHeaders(): void
  wroteBodyData(size: number): void
  wroteBody(): void
  responseStarted(): void
  gotInformational(statusCode: number, reasonPhrase: string, headers: MessageHeaders): void
  gotHeaders(statusCode: number, reasonPhrase: string, httpVersion: HTTPVersion, headers: MessageHeaders): void
  gotBodyData(chunk: Buffer): void
  gotTrailers(headers: MessageHeaders): void
  gotBody(): void
  /**
   * The server changed to the protocol asked for (101), or opened the tunnel (2xx to CONNECT). The stream is the
   * observer's from here on; it gives what came behind the response too. The connection reports `ioClosed` right after.
   */
  upgraded(statusCode: number, reasonPhrase: string, headers: MessageHeaders, stream: Duplex): void
  ioFailed(failure: IOFailure): void
}

/** What the wire code tells its connection. */
export interface ClientMessageIOOwner {
  /** A message has finished and `isReady` may have become true. */
  ioReady(): void
  /** `maxConcurrent` has grown. */
  ioLimitRaised(): void
  /** No message can be sent any more. */
  ioClosed(): void
}

/** Longest header section taken, in bytes. */
export const MAX_RESPONSE_HEAD_BYTES = 256 * 1024

/** Most 1xx responses before the final one; a server that sends more is not answering. */
export const MAX_INFORMATIONAL_RESPONSES = 64

/** How long a request with `Expect: 100-continue` waits before it sends its body all the same, in ms. */
export const CONTINUE_WAIT_MS = 1000

/** Whether the body of `message` waits for the server's consent, RFC 9110 section 10.1.1. Pointless without a body. */
export function expectsContinue(message: Message): boolean {
  return message.requestBody !== null && message.requestHeaders.headerContains('expect', '100-continue')
}
