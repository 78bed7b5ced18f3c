// Turns a whole 200 response into the parts that the request's Range asks for.
// Called by ResponseWriter before the head is written. Upstream: handle_partial_get of
// libsoup/server/http1/soup-server-message-io-http1.c. RFC 9110 sections 13.1.5 (If-Range), 14 and 15.3.7.

import { randomBytes } from 'node:crypto'
import { formatContentRange, parseRange, type Range } from '../headers/ranges.ts'
import type { ServerMessage } from './server-message.ts'

/** Makes the response 206 or 416, or leaves it alone when the request has no ranges for it. */
export function makePartial(message: ServerMessage): void {
  const { requestHeaders, responseHeaders, responseBody } = message
  const total = responseBody.length
  const range = requestHeaders.getOne('Range')
  if (range === null || total === 0 || !responseBody.isComplete || !isStillTheSame(message)) return
  const { status, ranges } = parseRange(range, total)
  if (status === 200) return
  const whole = responseBody.flatten()
  responseHeaders.remove('Content-Length')
  if (ranges === null) {
    message.setStatus(416)
    responseHeaders.replace('Content-Range', `bytes */${total}`)
    responseBody.set('')
    return
  }
  message.setStatus(206)
  const [first] = ranges
  if (ranges.length === 1 && first !== undefined) {
    responseHeaders.replace('Content-Range', formatContentRange(first.start, first.end, total))
    responseBody.set(whole.subarray(first.start, first.end + 1))
    return
  }
  const boundary = randomBytes(18).toString('base64url')
  const body = multipartBody(ranges, whole, boundary, responseHeaders.getOne('Content-Type'))
  responseHeaders.replace('Content-Type', `multipart/byteranges; boundary="${boundary}"`)
  responseBody.set(body)
}

/** Whether `If-Range` allows parts: there is none, or it names exactly what would be sent now. */
function isStillTheSame({ requestHeaders, responseHeaders }: ServerMessage): boolean {
  const condition = requestHeaders.getOne('If-Range')
  if (condition === null) return true
  // Only a strong validator says that the bytes are the same.
  if (condition.startsWith('W/')) return false
  return condition === responseHeaders.getOne(condition.startsWith('"') ? 'ETag' : 'Last-Modified')
}

function multipartBody(ranges: readonly Range[], whole: Buffer, boundary: string, contentType: string | null): Buffer {
  const parts: Buffer[] = []
  const type = contentType === null ? '' : `Content-Type: ${contentType}\r\n`
  for (const { start, end } of ranges) {
    const range = formatContentRange(start, end, whole.length)
    const head = `\r\n--${boundary}\r\n${type}Content-Range: ${range}\r\n\r\n`
    parts.push(Buffer.from(head, 'latin1'), whole.subarray(start, end + 1))
  }
  parts.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'))
  return Buffer.concat(parts)
}
