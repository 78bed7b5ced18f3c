// HTML forms as bodies: application/x-www-form-urlencoded (URL standard section 5), and the fields of multipart/form-data
// (RFC 7578). For callers of Message and of Server. Linear time. Upstream: libsoup/soup-form.c.

import { Buffer } from 'node:buffer'
import type { Multipart } from './multipart.ts'

export const FORM_MIME_TYPE_URLENCODED = 'application/x-www-form-urlencoded'
export const FORM_MIME_TYPE_MULTIPART = 'multipart/form-data'

/** Fields of one form that are taken; those behind are left out. */
const MAX_FIELDS = 10_000

/** The fields of a multipart form, and the file that was asked for. */
export interface DecodedMultipartForm {
  /** All but the file, as UTF-8; of equal names the last counts. */
  readonly fields: Map<string, string>
  /** As the sender says, safe to use as a name of a file; null if it does not, or there is no such file. */
  readonly filename: string | null
  readonly contentType: string | null
  readonly file: Buffer | null
}

/**
 * The form of `name, value, name, value…`, encoded.
 *
 * @throws {TypeError} When the last name has no value.
 */
export function formEncode(...namesAndValues: readonly string[]): string {
  if (namesAndValues.length % 2 !== 0) throw new TypeError('The last field of the form has no value.')
  const pairs: string[] = []
  for (let i = 0; i < namesAndValues.length; i += 2) {
    pairs.push(encodePair(namesAndValues[i] as string, namesAndValues[i + 1] as string))
  }
  return pairs.join('&')
}

/** The fields of `form`, encoded, in its order. */
export function formEncodeHash(form: Iterable<readonly [string, string]> | Readonly<Record<string, string>>): string {
  const entries = Symbol.iterator in form ? form : Object.entries(form)
  return Array.from(entries, ([name, value]) => encodePair(name, value)).join('&')
}

/** The first 10,000 fields of an encoded form, of equal names the last; those that are malformed are left out. */
export function formDecode(encodedForm: string): Map<string, string> {
  const fields = new Map<string, string>()
  let count = 0
  for (let start = 0; start < encodedForm.length && count < MAX_FIELDS; count++) {
    const ampersand = encodedForm.indexOf('&', start)
    const end = ampersand < 0 ? encodedForm.length : ampersand
    const equals = encodedForm.slice(start, end).indexOf('=')
    const name = equals < 0 ? null : decode(encodedForm.slice(start, start + equals))
    const value = equals < 0 ? null : decode(encodedForm.slice(start + equals + 1, end))
    if (name !== null && value !== null) fields.set(name, value)
    start = end + 1
  }
  return fields
}

/**
 * The fields of `multipart`; parts that are no form-data with a name are left out.
 *
 * @param fileControlName Of the field whose file is wanted; the last of that name counts.
 */
export function formDecodeMultipart(multipart: Multipart, fileControlName: string | null = null): DecodedMultipartForm {
  const form = {
    fields: new Map<string, string>(),
    filename: null as string | null,
    contentType: null as string | null,
    file: null as Buffer | null,
  }
  for (const { headers, body } of multipart) {
    const disposition = headers.getContentDisposition()
    const name = disposition?.params.get('name')
    if (disposition?.type !== 'form-data' || name === undefined) continue
    if (name === fileControlName) {
      form.filename = disposition.params.get('filename') ?? null
      form.contentType = headers.contentType
      form.file = body
    } else {
      form.fields.set(name, body.toString())
    }
  }
  return form
}

function encodePair(name: string, value: string): string {
  return `${encode(name)}=${encode(value)}`
}

function encode(text: string): string {
  // Upstream's set of what is not escaped; encodeURIComponent leaves some more.
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+')
}

/** Null when an escape is broken. Bytes that are not UTF-8 become U+FFFD. */
function decode(text: string): string | null {
  if (!/[%+]/.test(text)) return text
  const bytes = Buffer.from(text.replace(/\+/g, ' '), 'utf8')
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i] as number
    if (byte === 0x25) {
      const hex = bytes.toString('latin1', i + 1, i + 3)
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) return null
      byte = Number.parseInt(hex, 16)
      i += 2
    }
    bytes[length++] = byte
  }
  return bytes.toString('utf8', 0, length)
}
