// What an unlabelled main resource is, from its first bytes, so that a server without Content-Type still shows a page.
// Upstream: WebCore/platform/network/MIMESniffer.cpp. MIME Sniffing standard, "identifying a resource with an unknown type".

/** Bytes looked at. A caller that has fewer and expects more should wait. */
export const RESOURCE_HEADER_BYTES = 1445

const HTML_TAGS = [
  '<!doctype html',
  '<html',
  '<head',
  '<script',
  '<iframe',
  '<h1',
  '<div',
  '<font',
  '<table',
  '<a',
  '<style',
  '<title',
  '<b',
  '<body',
  '<br',
  '<p',
]

const SIGNATURES: readonly (readonly [mimeType: string, bytes: readonly number[]])[] = [
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['application/gzip', [0x1f, 0x8b, 0x08]],
  ['application/zip', [0x50, 0x4b, 0x03, 0x04]],
]

/** The type the first bytes of a resource speak for: HTML, XML, a few images and archives, else text or unknown binary. */
export function getMIMETypeFromContent(bytes: Uint8Array): string {
  const head = bytes.subarray(0, RESOURCE_HEADER_BYTES)
  const text = String.fromCharCode(...head)
    .replace(/^[\t\n\f\r ]+/, '')
    .toLowerCase()
  if (text.startsWith('<!--')) return 'text/html'
  if (HTML_TAGS.some((tag) => text.startsWith(tag) && /^[ >]/.test(text.slice(tag.length)))) return 'text/html'
  if (text.startsWith('<?xml')) return 'text/xml'
  for (const [mimeType, signature] of SIGNATURES) {
    if (signature.every((byte, index) => head[index] === byte)) return mimeType
  }
  const hasByteOrderMark =
    (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) ||
    (head[0] === 0xfe && head[1] === 0xff) ||
    (head[0] === 0xff && head[1] === 0xfe)
  return hasByteOrderMark || !head.some(isBinaryDataByte) ? 'text/plain' : 'application/octet-stream'
}

function isBinaryDataByte(byte: number): boolean {
  return byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f)
}
