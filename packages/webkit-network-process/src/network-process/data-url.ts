// Takes a data: URL apart. Called by NetworkDataTaskDataURL. Upstream: WebCore/platform/network/DataURLDecoder.cpp.
// Spec: Fetch section 6 ("data: URL processor"), RFC 2397; forgiving-base64 decode is in the Infra standard.

export interface DataURL {
  /** Essence, lower case. */
  readonly mimeType: string
  /** Value of the charset parameter; empty when there is none. */
  readonly charset: string
  /** MIME type with its parameters, as a Content-Type field would say it. */
  readonly contentType: string
  readonly body: Buffer
}

const DEFAULT_CONTENT_TYPE = 'text/plain;charset=US-ASCII'

/** Null when `url` is not a data: URL, has no comma, or its base64 does not decode. */
export function parseDataURL(url: string): DataURL | null {
  const href = URL.parse(url)?.href
  if (!href?.startsWith('data:')) return null
  const hash = href.indexOf('#')
  const input = href.slice('data:'.length, hash < 0 ? undefined : hash)
  const comma = input.indexOf(',')
  if (comma < 0) return null
  let type = input.slice(0, comma).replace(/^[ \t\n\f\r]+|[ \t\n\f\r]+$/g, '')
  const encoded = input.slice(comma + 1)
  const isBase64 = /; *base64$/i.test(type)
  if (isBase64) type = type.replace(/; *base64$/i, '')
  const body = isBase64 ? decodeForgivingBase64(percentDecode(encoded).toString('latin1')) : percentDecode(encoded)
  return body && { ...parseContentType(type.startsWith(';') ? `text/plain${type}` : type), body }
}

function parseContentType(text: string): Omit<DataURL, 'body'> {
  const [essence = '', ...parameters] = text.split(';')
  const mimeType = essence.trim().toLowerCase()
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/.test(mimeType)) {
    return { mimeType: 'text/plain', charset: 'US-ASCII', contentType: DEFAULT_CONTENT_TYPE }
  }
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/i.exec(parameter)?.[1])
    .find(Boolean)
  return { mimeType, charset: charset ?? '', contentType: text.trim() }
}

/** Malformed escapes stay as they are. */
function percentDecode(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  if (!text.includes('%')) return bytes
  let length = 0
  for (let index = 0; index < bytes.length; index++, length++) {
    const byte = bytes[index] as number
    const escaped = byte === 0x25 ? hexPair(bytes[index + 1], bytes[index + 2]) : -1
    bytes[length] = escaped < 0 ? byte : escaped
    if (escaped >= 0) index += 2
  }
  return bytes.subarray(0, length)
}

function hexPair(high: number | undefined, low: number | undefined): number {
  const [first, second] = [hexDigit(high), hexDigit(low)]
  return first < 0 || second < 0 ? -1 : first * 16 + second
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1
}

function decodeForgivingBase64(text: string): Buffer | null {
  let data = text.replace(/[ \t\n\f\r]+/g, '')
  if (data.length % 4 === 0) data = data.replace(/={1,2}$/, '')
  if (data.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(data)) return null
  return Buffer.from(data, 'base64')
}
