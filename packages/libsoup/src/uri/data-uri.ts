// Takes a data: URI apart. Fetch section 6 ("data: URL processor"), RFC 2397; forgiving-base64 decode is of the Infra
// standard. Linear time. Upstream: libsoup/soup-uri-utils.c (soup_uri_decode_data_uri).

import { Buffer } from 'node:buffer'
import { parseMimeType, serializeMimeType, stripWhitespace } from './mime-type.ts'
import type { MimeType } from './mime-type.ts'

export interface DecodedDataUri {
  /** With its parameters, as a `Content-Type` would say it. */
  readonly contentType: string
  /** `type/subtype`, lower case. */
  readonly mimeType: string
  /** By lower-case name. */
  readonly params: ReadonlyMap<string, string>
  readonly body: Buffer
}

const DEFAULT_TYPE: MimeType = { essence: 'text/plain', params: new Map([['charset', 'US-ASCII']]) }

/** Null when `uri` is no data: URI, has no comma, or has base64 that does not decode. Its fragment is left out. */
export function uriDecodeDataUri(uri: string): DecodedDataUri | null {
  const href = URL.parse(uri)?.href
  if (!href?.startsWith('data:')) return null
  const hash = href.indexOf('#')
  const input = href.slice('data:'.length, hash < 0 ? href.length : hash)
  const comma = input.indexOf(',')
  if (comma < 0) return null
  const { type, isBase64 } = splitBase64(stripWhitespace(input.slice(0, comma)))
  const bytes = percentDecode(input.slice(comma + 1))
  const body = isBase64 ? decodeForgivingBase64(bytes.toString('latin1')) : bytes
  if (body === null) return null
  const parsed = parseMimeType(type.startsWith(';') ? `text/plain${type}` : type) ?? DEFAULT_TYPE
  return { contentType: serializeMimeType(parsed), mimeType: parsed.essence, params: parsed.params, body }
}

/** Cuts `; base64` off the end: any letter case, any number of spaces. */
function splitBase64(type: string): { type: string; isBase64: boolean } {
  if (!type.toLowerCase().endsWith('base64')) return { type, isBase64: false }
  let end = type.length - 'base64'.length
  while (type[end - 1] === ' ') end--
  return type[end - 1] === ';' ? { type: type.slice(0, end - 1), isBase64: true } : { type, isBase64: false }
}

/** Broken escapes stay as they are. */
function percentDecode(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    const high = byte === 0x25 ? hexDigit(bytes[i + 1]) : -1
    const low = high < 0 ? -1 : hexDigit(bytes[i + 2])
    bytes[length++] = low < 0 ? byte : high * 16 + low
    if (low >= 0) i += 2
  }
  return bytes.subarray(0, length)
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1
}

function decodeForgivingBase64(text: string): Buffer | null {
  let data = text.replace(/[ \t\n\f\r]/g, '')
  if (data.length % 4 === 0) data = data.replace(/={1,2}$/, '')
  if (data.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(data)) return null
  return Buffer.from(data, 'base64')
}
