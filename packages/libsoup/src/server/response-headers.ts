// The header section of a server's response: as any other, but a body of unknown length that ends with the connection has
// to be asked for. Made by ServerMessage. Upstream: soup_server_message_init of libsoup/server/soup-server-message.c,
// which makes Content-Length the encoding to begin with.

import { Encoding, MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'

/** Headers whose `encoding` is `CONTENT_LENGTH` until somebody sets another one. */
export class ResponseHeaders extends MessageHeaders {
  #endsWithConnection = false

  constructor() {
    super(MessageHeadersType.RESPONSE)
  }

  override get encoding(): Encoding {
    const encoding = super.encoding
    return encoding === Encoding.EOF && !this.#endsWithConnection ? Encoding.CONTENT_LENGTH : encoding
  }

  override set encoding(encoding: Encoding) {
    super.encoding = encoding
    this.#endsWithConnection = encoding === Encoding.EOF
  }

  override clear(): void {
    this.#endsWithConnection = false
    super.clear()
  }
}
