// Parameter values that are not ASCII, as `UTF-8'en'%e2%82%ac`: RFC 8187 section 3.2. Called by header-params.
// Upstream: libsoup/soup-headers.c (decode_rfc5987_inplace, append_param_rfc5987).

import { Buffer } from 'node:buffer'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Null for an unknown charset, a broken escape, bytes that are not of that charset, or a NUL. */
export function decodeExtValue(text: string): string | null {
  const first = text.indexOf("'")
  const second = text.indexOf("'", first + 1)
  if (first < 0 || second < 0) return null
  const charset = text.slice(0, first).toLowerCase()
  const bytes = percentDecode(text.slice(second + 1))
  if (bytes === null || bytes.includes(0)) return null
  if (charset === 'iso-8859-1') return bytes.toString('latin1')
  return charset === 'utf-8' ? decodeUtf8(bytes) : null
}

/** `value` as UTF-8, with everything escaped that may not stand in an ext-value. */
export function encodeExtValue(value: string): string {
  let text = "UTF-8''"
  for (const byte of Buffer.from(value, 'utf8')) {
    const char = String.fromCharCode(byte)
    text += /[A-Za-z0-9!#$&+\-.^_`|~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}

/** Null unless `bytes` are UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null // the only thing `decode` throws for
  }
}

/** Null when an escape is broken. What is not escaped is taken as bytes of Latin-1, as header fields hold them. */
function percentDecode(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'latin1')
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i] as number
    if (byte === 0x25) {
      const hex = text.slice(i + 1, i + 3)
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) return null
      byte = Number.parseInt(hex, 16)
      i += 2
    }
    bytes[length++] = byte
  }
  return bytes.subarray(0, length)
}
