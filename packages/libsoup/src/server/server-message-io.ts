// The small table of operations between ServerMessageDriver and the wire; one implementation per HTTP version.
// Upstream: libsoup/server/soup-server-message-io.h

import type { Duplex, Readable } from 'node:stream'
import type { HTTPVersion } from '../message/http-version.ts'
import type { MessageHeaders } from '../headers/message-headers.ts'

/** What the driver of a message asks of the wire. All of it is called from one message's driver only. */
export interface ServerMessageIO {
  readonly httpVersion: HTTPVersion
  readonly method: string
  /** Request target as received: a path with query, an absolute URI, a host with port for CONNECT, or `*`. */
  readonly target: string
  /** Host and port the client asked for, from `Host` or `:authority`; null when it named none. */
  readonly authority: string | null
  /** Field lines as received, name and value by turns, without HTTP/2's pseudo-header fields. */
  readonly rawHeaders: readonly string[]
  /** Why the head cannot be answered as asked: the status to refuse it with, or 0. */
  readonly refusal: number
  /** False when the request is whole with its head. */
  readonly hasBody: boolean
  /** Whether the body, if there is one, has come in to its end. */
  readonly isWhole: boolean
  /** Whether there is a `Range` field. */
  readonly hasRange: boolean
  /** Body of the request, its transfer coding undone. */
  readonly requestStream: Readable
  /** Whether the client asked to leave HTTP here (CONNECT, Upgrade), so that `steal` is possible. */
  readonly isStealable: boolean

  /** Sends `100 Continue` (RFC 9110 section 15.2.1). */
  writeContinue(): void
  /** Sends `103 Early Hints` (RFC 8297); false when this client would not understand it. */
  writeEarlyHints(links: readonly string[]): boolean
  /** Nothing else will be answered on this connection once this response is written. Of no meaning on HTTP/2. */
  closeAfterwards(): void
  /** Ends the body with the connection, without chunked coding. Of no meaning on HTTP/2. */
  delimitByClose(): void
  /**
   * Writes status line and header section.
   *
   * @throws {TypeError} when a field cannot be sent (Node's `ERR_INVALID_CHAR` and the like); nothing was written then.
   */
  writeHead(status: number, reasonPhrase: string, headers: MessageHeaders): void
  /** Sends the head now, instead of together with the first bytes of the body. */
  flushHead(): void
  /**
   * Writes body bytes; `written` is called when they have left this process.
   *
   * @returns false when the client is behind: wait for `onDrain`.
   */
  write(chunk: Uint8Array, written: () => void): boolean
  /** Writes the last bytes, if there are any, and ends the response; `onFinish` follows. */
  end(lastChunk: Uint8Array | null): void
  /** Breaks the response off so that the client notices: closes the connection on HTTP/1, resets one stream on HTTP/2. */
  abort(): void
  /** Sets the three callbacks. `onClose` comes last, whether or not `onFinish` came. */
  listen(listener: ServerMessageIOListener): void
  /** Gives the stream away, with what the client sent after its head put back. Only where `isStealable`. */
  steal(): Duplex
}

/** Callbacks from the wire to the driver. */
export interface ServerMessageIOListener {
  onDrain(): void
  onFinish(): void
  onClose(): void
}
