// Finds out what a response really is, whatever its Content-Type says. A SessionFeature. MIME Sniffing section 7.
// Upstream: libsoup/content-sniffer/soup-content-sniffer.c and soup-content-sniffer-stream.c.

import { Buffer } from 'node:buffer'
import type { Readable } from 'node:stream'
import { headerParseList } from '../headers/header-params.ts'
import type { HeaderValueWithParams } from '../headers/content-fields.ts'
import type { Message } from '../message/message.ts'
import type { SessionFeature } from '../session/session-feature.ts'
import { mimeTypeEssence, parseMimeType } from '../uri/mime-type.ts'
import { peekBody } from './peek-body.ts'
import { matchSignature, RESOURCE_HEADER_BYTES, sniffingRule, sniffMimeType } from './sniff-mime-type.ts'
import type { SniffingRule } from './sniff-mime-type.ts'

export interface ContentSnifferOptions {
  /** Milliseconds to wait for the first bytes of a slow body; default 1,000. Then those that came must do. */
  readonly maxWait?: number
}

/**
 * Emits 'content-sniffed' on each message whose response is delivered, before `send` resolves, and does nothing for
 * messages on which nobody listens for it when the headers are in. Bodies whose label stands
 * anyway (`X-Content-Type-Options: nosniff`, XML, any type that is not guessed at) are not touched; of the others the
 * first bytes are waited for, up to 1,445 and only as long as they decide nothing. The headers stay as they came. A
 * response that can have no body keeps its label; the signal does not come when it has none.
 */
export class ContentSniffer implements SessionFeature {
  readonly processingStage = 'body-data'
  readonly #maxWait: number

  constructor(options: ContentSnifferOptions = {}) {
    this.#maxWait = options.maxWait ?? 1000
  }

  /**
   * The type of `message`'s response, whose body starts with `buffer`, and the parameters of its `Content-Type`. At most the
   * first 1,445 bytes count.
   */
  sniff(message: Message, buffer: Uint8Array): HeaderValueWithParams {
    const { label, essence, rule } = labelOf(message)
    const header = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    return { type: sniffMimeType(rule, essence, header), params: paramsOf(label) }
  }

  reviewResponse(message: Message): 'deliver' {
    if (!isListenedTo(message)) return 'deliver'
    const { label, essence, rule } = labelOf(message)
    if (essence !== null && (rule === 'none' || hasNoBody(message))) {
      message.emit('content-sniffed', essence, paramsOf(label))
    }
    return 'deliver'
  }

  wantsInput(message: Message): boolean {
    return isListenedTo(message) && labelOf(message).rule !== 'none' && !hasNoBody(message)
  }

  async wrapInput(message: Message, body: Readable): Promise<Readable> {
    const { label, essence, rule } = labelOf(message)
    if (rule === 'none' || hasNoBody(message)) return body
    const peeked = await peekBody(body, (header) => decides(rule, header), this.#maxWait)
    message.emit('content-sniffed', sniffMimeType(rule, essence, peeked.header), paramsOf(label))
    return peeked.body
  }
}

interface Label {
  /** The whole `Content-Type`. */
  readonly label: string | null
  readonly essence: string | null
  readonly rule: SniffingRule
}

function labelOf(message: Message): Label {
  const { responseHeaders } = message
  const label = responseHeaders.getOne('content-type')
  const essence = label === null ? null : mimeTypeEssence(label)
  const options = responseHeaders.getList('x-content-type-options')
  const noSniff = options !== null && headerParseList(options)[0]?.toLowerCase() === 'nosniff'
  return { label, essence, rule: sniffingRule(essence, label, noSniff) }
}

/** The signal is all there is to sniffing. */
function isListenedTo(message: Message): boolean {
  return message.listenerCount('content-sniffed') > 0
}

function paramsOf(label: string | null): ReadonlyMap<string, string> {
  return (label === null ? null : parseMimeType(label))?.params ?? new Map<string, string>()
}

function hasNoBody(message: Message): boolean {
  return message.method === 'HEAD' || message.statusCode === 204 || message.statusCode === 304
}

/** Whether more bytes would make no difference. */
function decides(rule: SniffingRule, header: Buffer): boolean {
  return header.length >= RESOURCE_HEADER_BYTES || matchSignature(rule, header) !== null
}
