// Tells the MIME type of a body whose response names none, from its first bytes: markup, images, text or binary. Called by
// NetworkDataTaskSoup. Upstream: libsoup/content-sniffer/soup-content-sniffer.c. Spec: MIME Sniffing sections 6.1 and 7.1.

/** The most bytes that are looked at (MIME Sniffing section 5.2). */
const SNIFFED_BYTES = 1445

/** Tags that make a document HTML when they come first, after white space. */
const HTML_TAGS = [
  ...['<!doctype html', '<html', '<head', '<script', '<iframe', '<h1', '<div', '<font', '<table', '<a', '<style'],
  ...['<title', '<b', '<body', '<br', '<p', '<!--'],
]
const HTML_TAG_END = /^[ >]$/

/** Hexadecimal; `.` stands for any digit. */
const IMAGE_SIGNATURES: readonly (readonly [signature: RegExp, mimeType: string])[] = [
  [/^89504e470d0a1a0a/, 'image/png'],
  [/^47494638(37|39)61/, 'image/gif'],
  [/^ffd8ff/, 'image/jpeg'],
  [/^52494646.{8}57454250/, 'image/webp'],
  [/^0000(01|02)00/, 'image/x-icon'],
  [/^424d/, 'image/bmp'],
]

// eslint-disable-next-line no-control-regex -- these bytes are what makes data binary (section 4.1)
const BINARY_DATA = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/

/** Essence of the type of a body that starts with `head`. */
export function sniffMIMEType(head: Uint8Array): string {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, SNIFFED_BYTES)).toString('latin1')
  const markup = text
    .replace(/^[\t\n\f\r ]+/, '')
    .slice(0, 32)
    .toLowerCase()
  if (HTML_TAGS.some((tag) => startsWithTag(markup, tag))) return 'text/html'
  if (markup.startsWith('<?xml')) return 'text/xml'
  if (text.startsWith('%PDF-')) return 'application/pdf'
  const hex = Buffer.from(text.slice(0, 16), 'latin1').toString('hex')
  const image = IMAGE_SIGNATURES.find(([signature]) => signature.test(hex))
  if (image) return image[1]
  const hasByteOrderMark = /^(?:\xfe\xff|\xff\xfe|\xef\xbb\xbf)/.test(text)
  return hasByteOrderMark || !BINARY_DATA.test(text) ? 'text/plain' : 'application/octet-stream'
}

function startsWithTag(markup: string, tag: string): boolean {
  return markup.startsWith(tag) && (tag === '<!--' || HTML_TAG_END.test(markup.charAt(tag.length)))
}
