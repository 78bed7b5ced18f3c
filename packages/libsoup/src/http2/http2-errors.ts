// Says in the project's error domains what a node:http2 error means. Called by ClientMessageIOHTTP2 and its streams.
// The table of codes is in the package README. RFC 9113 section 7.

import { constants } from 'node:http2'
import { IOError, TlsError } from '@wpe-networking/glib-gio'
import { SessionError } from '../errors.ts'

/** Those that say nothing about either side's bytes, RFC 9113 section 7. CANCEL is what node:http2 says of lost sessions. */
const RESET_NAMES: Readonly<Record<number, string>> = {
  [constants.NGHTTP2_INTERNAL_ERROR]: 'INTERNAL_ERROR',
  [constants.NGHTTP2_SETTINGS_TIMEOUT]: 'SETTINGS_TIMEOUT',
  [constants.NGHTTP2_STREAM_CLOSED]: 'STREAM_CLOSED',
  [constants.NGHTTP2_CONNECT_ERROR]: 'CONNECT_ERROR',
  [constants.NGHTTP2_INADEQUATE_SECURITY]: 'INADEQUATE_SECURITY',
}

/** RST_STREAM codes of a stream the server has not acted on, RFC 9113 sections 7 and 8.7. */
export function isUnprocessed(rstCode: number): boolean {
  return rstCode === constants.NGHTTP2_REFUSED_STREAM || rstCode === constants.NGHTTP2_HTTP_1_1_REQUIRED
}

/** The error of a stream that was reset with `rstCode`, or whose session failed with `cause`. */
export function fromHttp2(rstCode: number, cause: Error | null, headersReceived: boolean): Error {
  if (cause instanceof SessionError || cause instanceof IOError || cause instanceof TlsError) return cause
  const options = { cause }
  switch (rstCode) {
    case constants.NGHTTP2_PROTOCOL_ERROR:
    case constants.NGHTTP2_FRAME_SIZE_ERROR:
    case constants.NGHTTP2_FLOW_CONTROL_ERROR:
    case constants.NGHTTP2_COMPRESSION_ERROR:
      return new SessionError('PARSING', 'The server broke the HTTP/2 protocol.', options)
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      if (!headersReceived) return headerOverflow(cause)
      break
    case constants.NGHTTP2_REFUSED_STREAM:
      return new IOError('CONNECTION_CLOSED', 'The server refused the request before acting on it.', options)
    case constants.NGHTTP2_HTTP_1_1_REQUIRED:
      return new IOError('CONNECTION_CLOSED', 'The server wants this request over HTTP/1.1.', options)
  }
  if (isProtocolError(cause)) return new SessionError('PARSING', 'The server broke the HTTP/2 protocol.', options)
  if (isSystemError(cause)) return IOError.fromNode(cause, 'The exchange with the server failed')
  const name = RESET_NAMES[rstCode]
  if (name !== undefined && !headersReceived) {
    return new IOError('CONNECTION_CLOSED', `The server reset the request without an answer (${name}).`, options)
  }
  return headersReceived
    ? new IOError('PARTIAL_INPUT', 'The connection closed before the whole response body had come.', options)
    : new IOError('CONNECTION_CLOSED', 'The server closed the connection unexpectedly, without an answer.', options)
}

function headerOverflow(cause: Error | null): SessionError {
  return new SessionError('PARSING', 'The header section of the response is over 256 KiB.', { cause })
}

/** What nghttp2 says of bytes that are no HTTP/2. */
function isProtocolError(error: Error | null): boolean {
  return error !== null && 'code' in error && error.code === 'ERR_HTTP2_ERROR'
}

function isSystemError(error: Error | null): boolean {
  return error !== null && 'syscall' in error
}
