// What a connection asks of its session while it makes a tunnel through a proxy. Implemented by Session.

import type { Message } from '../message/message.ts'
import type { ResponseVerdict } from '../session/session-feature.ts'

/**
 * The hooks of the session's features for a CONNECT to a proxy, which is a message of its own that no queue holds;
 * `messageState(message).tunnelFor` is the one it is for, whose connection waits meanwhile.
 */
export interface TunnelFeatures {
  /** `message` is about to be written; its request headers may still change. */
  requestStarting(message: Message): void | Promise<void>
  /** The proxy has opened the tunnel; what this throws closes it. */
  gotHeaders(message: Message): void
  /** The proxy has refused: whether to ask it again. A StoredResponse has no place here and is taken for 'deliver'. */
  reviewResponse(message: Message): ResponseVerdict | Promise<ResponseVerdict>
}
