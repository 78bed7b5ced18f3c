// Offers content codings to servers and undoes those they use. A SessionFeature.
// Upstream: libsoup/content-decoder/soup-content-decoder.c. RFC 9110 sections 8.4 and 12.5.3.

import type { Readable } from 'node:stream'
import { SessionError } from '../errors.ts'
import { headerParseList } from '../headers/header-params.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import type { SessionFeature } from '../session/session-feature.ts'
import { isKnownContentCoding } from './content-coding.ts'
import { DecodedInputStream } from './decoded-input-stream.ts'
import { SmallDecodedInputStream } from './small-decoded-input-stream.ts'

export interface ContentDecoderOptions {
  /** Times its encoded size a body may expand to, once it is over `freeBytes`; default 200. */
  readonly maxRatio?: number
  /** Decoded bytes up to which the ratio does not matter; default 32 MiB. */
  readonly freeBytes?: number
}

/** Codings on top of one another; a real server uses one. The bound curl has. */
const MAX_CODINGS = 5

/**
 * Bodies up to this many bytes, encoded, are decoded in one go: for 1 KB that takes a tenth of the time a stream of
 * node:zlib needs, and even a bomb of this size is over in milliseconds.
 */
const SMALL_BODY_BYTES = 8 * 1024

/** Middle boxes on plain connections have been seen to mangle what they do not know, so that br and zstd need TLS. */
const ACCEPTED_PLAIN = 'gzip, deflate'
const ACCEPTED_SECURE = 'gzip, deflate, br, zstd'

/**
 * Decodes gzip, deflate (zlib or raw), br and zstd. The response's headers keep their `Content-Encoding`, as upstream's
 * do; a body with a coding this does not know is delivered as it came.
 */
export class ContentDecoder implements SessionFeature {
  readonly processingStage = 'content-encoding'
  readonly #maxRatio: number
  readonly #freeBytes: number

  constructor(options: ContentDecoderOptions = {}) {
    this.#maxRatio = options.maxRatio ?? 200
    this.#freeBytes = options.freeBytes ?? 32 * 1024 * 1024
  }

  requestQueued(message: Message): void {
    if (message.requestHeaders.has('accept-encoding')) return
    const { secure } = messageState(message).target
    message.requestHeaders.append('Accept-Encoding', secure ? ACCEPTED_SECURE : ACCEPTED_PLAIN)
  }

  wantsInput(message: Message): boolean {
    if (!message.responseHeaders.has('content-encoding')) return false
    if (message.method === 'HEAD' || message.statusCode === 204 || message.statusCode === 304) return false
    return codingsOf(message).length > 0
  }

  /** @throws {SessionError} `ENCODING` when more than 5 codings are stacked. */
  wrapInput(message: Message, body: Readable): Readable | null {
    if (!this.wantsInput(message)) return null
    const codings = codingsOf(message).reverse()
    if (codings.length > MAX_CODINGS) {
      throw new SessionError('ENCODING', `The response body has more than ${MAX_CODINGS} content codings.`)
    }
    const { metrics } = messageState(message)
    const options = {
      body,
      codings,
      maxRatio: this.#maxRatio,
      freeBytes: this.#freeBytes,
      onDecoded: (size: number): void => {
        if (metrics !== null) metrics.responseBodySize += size
      },
    }
    const length = message.responseHeaders.contentLength
    return length !== null && length <= SMALL_BODY_BYTES
      ? new SmallDecodedInputStream(options)
      : new DecodedInputStream(options)
  }
}

/** In the order in which the server applied them; empty if one of them is not known. */
function codingsOf(message: Message): string[] {
  const list = headerParseList(message.responseHeaders.getList('content-encoding') ?? '')
  const codings = list.map((coding) => coding.toLowerCase()).filter((coding) => coding !== 'identity')
  if (codings.length === 1 && codings[0]?.endsWith('gzip') === true && isGzipFile(message)) return []
  return codings.every(isKnownContentCoding) ? codings : []
}

/** Apache labels files that are gzip, and meant to stay so, as content coded with gzip. */
function isGzipFile(message: Message): boolean {
  const { contentType } = message.responseHeaders
  return contentType === 'application/gzip' || contentType === 'application/x-gzip'
}
