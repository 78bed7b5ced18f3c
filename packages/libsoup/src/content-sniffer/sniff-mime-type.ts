// Which type a body really has, from the type it is labelled with and its first bytes: MIME Sniffing section 7. Pure.
// Called by ContentSniffer. Upstream: soup_content_sniffer_sniff of libsoup/content-sniffer/soup-content-sniffer.c.

import type { Buffer } from 'node:buffer'
import { sniffFeedOrHtml } from './feed-or-html.ts'
import {
  hasBinaryData,
  hasByteOrderMark,
  matchArchive,
  matchAudioOrVideo,
  matchFont,
  matchImage,
  matchPlainDocument,
  matchScriptable,
} from './mime-patterns.ts'

/** The most bytes that are looked at (section 5.2). */
export const RESOURCE_HEADER_BYTES = 1445

/** How a body is to be judged. */
export type SniffingRule =
  | 'none' // as labelled
  | 'unknown' // by its bytes alone
  | 'unknown-not-scriptable' // the same, but never as something with scripts
  | 'text-or-binary'
  | 'feed-or-html'
  | 'image'
  | 'audio-or-video'
  | 'font'

/** Labels that servers put on anything (section 4.6, "check-for-apache-bug flag"). */
const APACHE_LABELS = new Set([
  'text/plain',
  'text/plain; charset=ISO-8859-1',
  'text/plain; charset=iso-8859-1',
  'text/plain; charset=UTF-8',
])

const FONT_TYPES = new Set(['application/vnd.ms-fontobject', 'application/font-woff', 'application/x-font-ttf'])

/**
 * @param essence Type and subtype of the label, lower case; null without one that can be read.
 * @param label The whole `Content-Type`, as it came.
 */
export function sniffingRule(essence: string | null, label: string | null, noSniff: boolean): SniffingRule {
  if (essence === null || essence === 'unknown/unknown' || essence === 'application/unknown' || essence === '*/*') {
    return noSniff ? 'unknown-not-scriptable' : 'unknown'
  }
  if (noSniff) return 'none'
  if (label !== null && APACHE_LABELS.has(label)) return 'text-or-binary'
  if (essence === 'text/html') return 'feed-or-html'
  if (essence.endsWith('+xml') || essence === 'text/xml' || essence === 'application/xml') return 'none'
  if (essence.startsWith('image/')) return 'image'
  if (essence.startsWith('audio/') || essence.startsWith('video/') || essence === 'application/ogg') {
    return 'audio-or-video'
  }
  return essence.startsWith('font/') || FONT_TYPES.has(essence) ? 'font' : 'none'
}

/** What only the signature in `header` says; null if there is none, or more bytes are needed to know. */
export function matchSignature(rule: SniffingRule, header: Buffer): string | null {
  switch (rule) {
    case 'unknown':
      return matchScriptable(header) ?? matchUnscriptable(header)
    case 'unknown-not-scriptable':
      return matchUnscriptable(header)
    case 'image':
      return matchImage(header)
    case 'audio-or-video':
      return matchAudioOrVideo(header)
    case 'font':
      return matchFont(header)
    default:
      return null
  }
}

/**
 * The type of a body that starts with `header`.
 *
 * @param essence As for `sniffingRule`; taken where `header` says nothing better.
 */
export function sniffMimeType(rule: SniffingRule, essence: string | null, header: Buffer): string {
  const bytes = header.subarray(0, RESOURCE_HEADER_BYTES)
  if (rule === 'feed-or-html') return sniffFeedOrHtml(bytes)
  if (rule === 'text-or-binary') return textOrBinary(bytes, hasByteOrderMark(bytes))
  const signature = matchSignature(rule, bytes)
  if (signature !== null) return signature
  return essence === null || rule.startsWith('unknown') ? textOrBinary(bytes, false) : essence
}

function matchUnscriptable(header: Buffer): string | null {
  return matchPlainDocument(header) ?? matchImage(header) ?? matchAudioOrVideo(header) ?? matchArchive(header)
}

function textOrBinary(header: Buffer, isSurelyText: boolean): string {
  return isSurelyText || !hasBinaryData(header) ? 'text/plain' : 'application/octet-stream'
}
