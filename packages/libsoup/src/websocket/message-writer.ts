// Turns messages into frames: extensions, fragments, the short way for short texts. Used by WebsocketConnection.
// RFC 6455 section 5.4.

import type { ExtensionChain } from './extension-chain.ts'
import type { FrameWriter } from './frame-writer.ts'
import { Opcode, WebsocketDataType } from './websocket-constants.ts'

/** A text of at most this many characters is encoded right into its frame. */
const SHORT_TEXT = 4096
const FIN = 0x80

export class MessageWriter {
  readonly #frames: FrameWriter
  readonly #extensions: ExtensionChain
  /** Longest payload of one frame, in bytes; 0 for no limit. */
  maxPayloadSize = 0

  constructor(frames: FrameWriter, extensions: ExtensionChain) {
    this.#frames = frames
    this.#extensions = extensions
  }

  /** Returns, as the other two, whether more may be written without filling memory. */
  writeText(text: string): boolean {
    if (text.length > SHORT_TEXT || !this.#extensions.isEmpty || this.maxPayloadSize > 0) {
      return this.writeMessage(WebsocketDataType.TEXT, Buffer.from(text, 'utf8'))
    }
    return this.#frames.writeText(FIN | WebsocketDataType.TEXT, text, Buffer.byteLength(text, 'utf8'))
  }

  writeMessage(type: WebsocketDataType, data: Uint8Array): boolean {
    if (this.#extensions.isEmpty) return this.#write(type, data)
    const { reserved, payload } = this.#extensions.outgoing(type, data)
    return this.#write(reserved | type, payload)
  }

  writeControl(opcode: number, payload: Uint8Array): boolean {
    return this.#frames.write(FIN | opcode, payload)
  }

  #write(first: number, payload: Uint8Array): boolean {
    const size = this.maxPayloadSize
    if (size === 0 || payload.length <= size) return this.#frames.write(FIN | first, payload)
    let mayGoOn = true
    for (let at = 0; at < payload.length; at += size) {
      const fin = at + size >= payload.length ? FIN : 0
      mayGoOn = this.#frames.write(fin | (at === 0 ? first : Opcode.CONTINUATION), payload.subarray(at, at + size))
    }
    return mayGoOn
  }
}
