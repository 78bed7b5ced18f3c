// Says in the project's error domains what an undici or socket error means. Called by ClientMessageIOHTTP1.
// The table of codes is in the package README. RFC 9112 sections 6.3 and 8 (incomplete messages).

import { IOError, TlsError } from '@wpe-networking/glib-gio'
import { SessionError } from '../errors.ts'

/** How far the response was when the error came. */
export type ResponseProgress = 'none' | 'head' | 'body'

/** The one undici is told when it wants to connect again; see `isConnectionLost`. */
export class ConnectionGoneError extends Error {
  readonly code = 'ERR_CONNECTION_GONE'

  constructor() {
    super('The kept-alive connection is closed.')
    this.name = 'ConnectionGoneError'
  }
}

/** Whether the transport went away, as opposed to a timeout, a limit or a protocol error. Decides about a retry. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof ConnectionGoneError) return true
  if (error instanceof TlsError) return error.code === 'EOF'
  const { code, message } = facts(error)
  if (code === 'UND_ERR_SOCKET') return message === 'other side closed' || message === 'closed'
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED' || code === 'UND_ERR_DESTROYED'
}

/** Errors of this project come back unchanged, save that no answer at all reads the same with and without TLS. */
export function fromUndici(error: unknown, progress: ResponseProgress): Error {
  if (error instanceof TlsError && error.code === 'EOF' && progress === 'none') return closed(error, progress)
  if (error instanceof SessionError || error instanceof IOError || error instanceof TlsError) return error
  const { code, message } = facts(error)
  const options = { cause: error }
  switch (code) {
    case 'UND_ERR_HEADERS_OVERFLOW':
      return headerOverflow(error)
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      // Before the body undici says this when the headers name two lengths.
      return progress === 'body' ? truncated(error) : notHttp(error)
    case 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH':
      return new IOError('INVALID_ARGUMENT', 'The request body is not as long as its Content-Length says.', options)
    case 'UND_ERR_INVALID_ARG':
      return new IOError('INVALID_ARGUMENT', `The request cannot be sent: ${message}.`, options)
    case 'UND_ERR_NOT_SUPPORTED':
      return new IOError('NOT_SUPPORTED', `The request cannot be sent: ${message}.`, options)
    case 'UND_ERR_SOCKET':
      if (message === 'bad response' || message === 'bad upgrade') return notHttp(error)
      return closed(error, progress)
    case 'ERR_ASSERTION':
      // How undici refuses a status below 100.
      if (progress !== 'body') return notHttp(error)
      break
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
    case 'ERR_CONNECTION_GONE':
      return closed(error, progress)
  }
  if (error instanceof Error && error.name === 'HTTPParserError') return fromParser(error, progress)
  return IOError.fromNode(error, 'The exchange with the server failed')
}

/** The same for the errors of node:http. */
export function fromNodeHttp(error: Error, progress: ResponseProgress): Error {
  const { code } = facts(error)
  if (code === 'HPE_HEADER_OVERFLOW') return headerOverflow(error)
  if (code === 'HPE_INVALID_EOF_STATE') return closed(error, progress)
  if (code.startsWith('HPE_')) return progress === 'body' ? badFraming(error) : notHttp(error)
  // What node:http says of a connection that ended, whether it was reset or not.
  if (code === 'ECONNRESET' && !('syscall' in error)) return closed(error, progress)
  return fromUndici(error, progress)
}

/** The parser's own codes do not survive undici: its words have to do. */
function fromParser(error: Error, progress: ResponseProgress): Error {
  if (error.message.includes('Invalid EOF state')) return closed(error, progress)
  if (progress !== 'body') return notHttp(error)
  return badFraming(error)
}

function badFraming(cause: unknown): SessionError {
  return new SessionError('PARSING', 'The response body is not framed as HTTP/1.1 demands.', { cause })
}

/** The limit is `MAX_RESPONSE_HEAD_BYTES`. */
export function headerOverflow(cause?: unknown): SessionError {
  return new SessionError('PARSING', 'The header section of the response is over 256 KiB.', { cause })
}

/** The same limit, for what surrounds the data of a chunked body. */
export function framingOverflow(): SessionError {
  return new SessionError('PARSING', 'The framing of the response body goes on for over 256 KiB without any data.')
}

/** The server has said nothing for longer than the session's timeout. */
export function silentServer(progress: ResponseProgress): IOError {
  const what = progress === 'body' ? 'stopped sending the response body' : 'did not answer in time'
  return new IOError('TIMED_OUT', `The server ${what}.`)
}

/** A server that changes the protocol though nobody asked for it. */
export function unaskedUpgrade(): SessionError {
  return notHttp(undefined)
}

export function unknownTransferCoding(): SessionError {
  return new SessionError('PARSING', 'The response has a transfer coding other than chunked.')
}

function notHttp(cause: unknown): SessionError {
  return new SessionError('PARSING', 'The server sent something that is not an HTTP response.', { cause })
}

function truncated(cause: unknown): IOError {
  return new IOError('PARTIAL_INPUT', 'The connection closed before the whole response body had come.', { cause })
}

function closed(cause: unknown, progress: ResponseProgress): IOError {
  if (progress === 'body') return truncated(cause)
  if (progress === 'head') {
    return new IOError('PARTIAL_INPUT', 'The connection closed in the middle of the response headers.', { cause })
  }
  return new IOError('CONNECTION_CLOSED', 'The server closed the connection unexpectedly, without an answer.', {
    cause,
  })
}

function facts(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { code, message: error.message }
}
