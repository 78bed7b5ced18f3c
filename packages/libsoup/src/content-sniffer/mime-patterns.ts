// The signatures of MIME Sniffing section 6 and 7.1 as data, and how they are compared. Called by sniff-mime-type.
// Upstream: the tables of libsoup/content-sniffer/soup-content-sniffer.c.

import { Buffer } from 'node:buffer'
import { isMp3WithoutId3, isMp4, isWebm } from './media-signatures.ts'

/** A signature as hexadecimal bytes; `..` stands for any byte. */
interface Signature {
  readonly bytes: readonly (number | null)[]
  readonly mimeType: string
}

/** Tags that make a document HTML when they come first, after white space, and end with a space or `>`. */
const HTML_TAGS = [
  ...['<!DOCTYPE HTML', '<HTML', '<HEAD', '<SCRIPT', '<IFRAME', '<H1', '<DIV', '<FONT', '<TABLE', '<A', '<STYLE'],
  ...['<TITLE', '<B', '<BODY', '<BR', '<P', '<!--'],
]

const LONGEST_TAG = '<!DOCTYPE HTML'.length

const IMAGES = signatures({
  'image/x-icon': ['00000100', '00000200'],
  'image/bmp': [ascii('BM')],
  'image/gif': [ascii('GIF87a'), ascii('GIF89a')],
  'image/webp': [`${ascii('RIFF')}........${ascii('WEBPVP')}`],
  'image/png': ['89504e470d0a1a0a'],
  'image/jpeg': ['ffd8ff'],
})

const AUDIO_OR_VIDEO = signatures({
  'audio/basic': [ascii('.snd')],
  'audio/aiff': [`${ascii('FORM')}........${ascii('AIFF')}`],
  'audio/mpeg': [ascii('ID3')],
  'application/ogg': ['4f67675300'],
  'audio/midi': ['4d54686400000006'],
  'video/avi': [`${ascii('RIFF')}........${ascii('AVI ')}`],
  'audio/wave': [`${ascii('RIFF')}........${ascii('WAVE')}`],
})

const FONTS = signatures({
  'application/vnd.ms-fontobject': [`${'..'.repeat(34)}4c50`],
  'font/ttf': ['00010000'],
  'font/otf': [ascii('OTTO')],
  'font/collection': [ascii('ttcf')],
  'font/woff': [ascii('wOFF')],
  'font/woff2': [ascii('wOF2')],
})

const ARCHIVES = signatures({
  'application/x-gzip': ['1f8b08'],
  'application/zip': ['504b0304'],
  'application/x-rar-compressed': ['526172211a0700'],
})

const PLAIN_DOCUMENTS = signatures({
  'application/postscript': [ascii('%!PS-Adobe-')],
  'text/plain': ['feff....', 'fffe....', 'efbbbf..'],
})

/** HTML, XML or PDF: what a browser would run scripts of. Null if it is none. */
export function matchScriptable(header: Buffer): string | null {
  let start = 0
  while (start < header.length && isWhitespace(header[start])) start++
  const text = header.toString('latin1', start, start + LONGEST_TAG + 1)
  const upper = text.toUpperCase()
  if (HTML_TAGS.some((tag) => upper.startsWith(tag) && /^[ >]/.test(upper.slice(tag.length)))) return 'text/html'
  if (text.startsWith('<?xml')) return 'text/xml'
  return header.toString('latin1', 0, 5) === '%PDF-' ? 'application/pdf' : null
}

/** PostScript, or text that says so by a byte order mark. */
export function matchPlainDocument(header: Buffer): string | null {
  return match(PLAIN_DOCUMENTS, header)
}

export function matchImage(header: Buffer): string | null {
  return match(IMAGES, header)
}

export function matchAudioOrVideo(header: Buffer): string | null {
  const known = match(AUDIO_OR_VIDEO, header)
  if (known !== null) return known
  if (isMp4(header)) return 'video/mp4'
  if (isWebm(header)) return 'video/webm'
  return isMp3WithoutId3(header) ? 'audio/mpeg' : null
}

export function matchFont(header: Buffer): string | null {
  return match(FONTS, header)
}

export function matchArchive(header: Buffer): string | null {
  return match(ARCHIVES, header)
}

/** Whether it starts with the byte order mark of UTF-16 or UTF-8. */
export function hasByteOrderMark(header: Buffer): boolean {
  const [first, second, third] = header
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)) return true
  return first === 0xef && second === 0xbb && third === 0xbf
}

/** Whether it has a byte that no text has (section 4.1, "binary data byte"). */
export function hasBinaryData(header: Buffer): boolean {
  for (const byte of header) {
    if (byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f)) return true
  }
  return false
}

export function isWhitespace(byte: number | undefined): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d || byte === 0x20
}

function match(table: readonly Signature[], header: Buffer): string | null {
  const found = table.find(({ bytes }) => {
    return bytes.length <= header.length && bytes.every((byte, i) => byte === null || byte === header[i])
  })
  return found?.mimeType ?? null
}

function signatures(table: Readonly<Record<string, readonly string[]>>): Signature[] {
  return Object.entries(table).flatMap(([mimeType, patterns]) => {
    return patterns.map((pattern) => ({ mimeType, bytes: parsePattern(pattern) }))
  })
}

function parsePattern(pattern: string): (number | null)[] {
  const bytes: (number | null)[] = []
  for (let i = 0; i < pattern.length; i += 2) {
    const pair = pattern.slice(i, i + 2)
    bytes.push(pair === '..' ? null : Number.parseInt(pair, 16))
  }
  return bytes
}

function ascii(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex')
}
