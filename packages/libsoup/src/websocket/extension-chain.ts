// The extensions of one connection, applied to its messages in order. Used by WebsocketConnection. RFC 6455 section 9.

import { isUtf8 } from 'node:buffer'
import { WebsocketCloseCode, WebsocketDataType } from './websocket-constants.ts'
import { WebsocketError } from './websocket-error.ts'
import type { WebsocketExtension } from './websocket-extension.ts'

/** What goes into the frames of a message. */
export interface OutgoingMessage {
  /** Reserved bits of the first frame. */
  readonly reserved: number
  readonly payload: Uint8Array
}

export class ExtensionChain {
  readonly #extensions: readonly WebsocketExtension[]
  /** Reserved bits that have a meaning. */
  readonly reservedBits: number
  readonly isEmpty: boolean

  constructor(extensions: readonly WebsocketExtension[]) {
    this.#extensions = extensions
    this.isEmpty = extensions.length === 0
    this.reservedBits = extensions.reduce((bits, extension) => bits | extension.reservedBits, 0)
  }

  outgoing(type: WebsocketDataType, data: Uint8Array): OutgoingMessage {
    const header = { type, reserved: 0 }
    let payload = Buffer.from(data.buffer, data.byteOffset, data.length)
    for (const extension of this.#extensions) payload = extension.processOutgoingMessage(header, payload)
    return { reserved: header.reserved, payload }
  }

  /**
   * What a message was before the peer's extensions changed it: the last one's work is undone first.
   *
   * @throws {WebsocketError} `FAILED` when that cannot be, is longer than `maxSize` bytes, or is a text that is not UTF-8.
   */
  incoming(type: WebsocketDataType, data: Buffer, reserved: number, maxSize: number): Buffer {
    const header = { type, reserved }
    let payload = data
    for (let i = this.#extensions.length - 1; i >= 0; i--) {
      payload = (this.#extensions[i] as WebsocketExtension).processIncomingMessage(header, payload, maxSize)
    }
    if (header.reserved !== 0)
      throw failure('A message has a reserved bit left over.', WebsocketCloseCode.PROTOCOL_ERROR)
    // The parser has checked a text without reserved bits already.
    if (type !== WebsocketDataType.TEXT || reserved === 0 || isUtf8(payload)) return payload
    throw failure('A text message is not UTF-8.', WebsocketCloseCode.BAD_DATA)
  }
}

function failure(reason: string, closeCode: number): WebsocketError {
  return new WebsocketError('FAILED', reason, { closeCode })
}
