// One pass over the field lines of an HTTP/1 request: who is asked, whether a body follows, and what node:http's parser lets
// through although two recipients may read it differently. Called by ServerMessageIOHttp1 for each request.
// RFC 9112 sections 3.2 (Host), 6.1 (Transfer-Encoding) and 6.3 (length); newest upstream: soup-headers.c refuses the same.

import { HTTPVersion } from '../../message/http-version.ts'

export interface RequestHead {
  readonly authority: string | null
  readonly hasBody: boolean
  readonly hasRange: boolean
  readonly hasUpgrade: boolean
  /** Status to refuse the request with, 0 when nothing is wrong. */
  readonly refusal: number
}

const EXPECT_LENGTH = 6
const HOST_LENGTH = 4
const RANGE_LENGTH = 5
const UPGRADE_LENGTH = 7
const CONTENT_LENGTH_LENGTH = 14
const TRANSFER_ENCODING_LENGTH = 17

/** @param rawHeaders Name and value by turns. */
export function readRequestHead(
  rawHeaders: readonly string[],
  httpVersion: HTTPVersion,
  maxFields: number,
): RequestHead {
  let authority: string | null = null
  let hasBody = false
  let isChunked = false
  let hasRange = false
  let hasUpgrade = false
  let refusal = rawHeaders.length > maxFields * 2 ? 431 : 0
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    switch (name.length) {
      case HOST_LENGTH:
        if (name !== 'Host' && name.toLowerCase() !== 'host') break
        // Two of them: who is between the client and here may have believed the other one.
        if (authority !== null) refusal ||= 400
        authority = rawHeaders[at + 1] as string
        break
      case RANGE_LENGTH:
        if (name.toLowerCase() === 'range') hasRange = true
        break
      case EXPECT_LENGTH:
        if (name.toLowerCase() === 'expect' && !isContinue(rawHeaders[at + 1] as string)) refusal ||= 417
        break
      case UPGRADE_LENGTH:
        if (name.toLowerCase() === 'upgrade') hasUpgrade = true
        break
      case CONTENT_LENGTH_LENGTH:
        if (name.toLowerCase() === 'content-length' && rawHeaders[at + 1] !== '0') hasBody = true
        break
      case TRANSFER_ENCODING_LENGTH:
        if (name.toLowerCase() !== 'transfer-encoding') break
        // HTTP/1.0 has no such field: some recipients would take the body to end with the connection.
        if (isChunked || httpVersion === HTTPVersion.HTTP_1_0) refusal ||= 400
        // node:http looks for a last "chunked" and leaves the codings before it in the body.
        else if ((rawHeaders[at + 1] as string).trim().toLowerCase() !== 'chunked') refusal ||= 501
        isChunked = true
        hasBody = true
        break
    }
  }
  if (authority === null && httpVersion === HTTPVersion.HTTP_1_1) refusal ||= 400
  return { authority, hasBody, hasRange, hasUpgrade, refusal }
}

/** As node:http reads it. */
function isContinue(expectation: string): boolean {
  return /(?:^|\W)100-continue(?:$|\W)/i.test(expectation)
}
