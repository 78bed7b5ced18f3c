// Tells a feed from a page that is labelled text/html: MIME Sniffing section 7.3. Called by sniff-mime-type. Linear time.
// Upstream: sniff_feed_or_html of libsoup/content-sniffer/soup-content-sniffer.c.

import type { Buffer } from 'node:buffer'
import { isWhitespace } from './mime-patterns.ts'

const RSS_1 = 'http://purl.org/rss/1.0/'
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'

/** `application/rss+xml`, `application/atom+xml` or `text/html`, by the first element of the document. */
export function sniffFeedOrHtml(header: Buffer): string {
  const text = header.toString('latin1')
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0
  for (;;) {
    while (at < text.length && isWhitespace(text.charCodeAt(at))) at++
    if (text[at] !== '<') return 'text/html'
    at++
    const end = endOfMarkup(text, at)
    if (end === null) return feedOf(text, at)
    if (end < 0) return 'text/html' // not within what is looked at
    at = end
  }
}

/** Index behind a comment, a declaration or a processing instruction; -1 if it does not end; null for anything else. */
function endOfMarkup(text: string, at: number): number | null {
  if (text.startsWith('!--', at)) return indexBehind(text, '-->', at + 3)
  if (text[at] === '!') return indexBehind(text, '>', at + 1)
  return text[at] === '?' ? indexBehind(text, '?>', at + 1) : null
}

function indexBehind(text: string, end: string, from: number): number {
  const index = text.indexOf(end, from)
  return index < 0 ? -1 : index + end.length
}

function feedOf(text: string, at: number): string {
  if (text.startsWith('rss', at)) return 'application/rss+xml'
  if (text.startsWith('feed', at)) return 'application/atom+xml'
  if (!text.startsWith('rdf:RDF', at)) return 'text/html'
  const rest = text.slice(at + 'rdf:RDF'.length)
  return rest.includes(RSS_1) && rest.includes(RDF) ? 'application/rss+xml' : 'text/html'
}
