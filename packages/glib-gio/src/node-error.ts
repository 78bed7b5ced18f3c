// Reads Node's system errors: which code they carry and what that means in plain words. Called by io-error.ts.
// Upstream: glib/gio/gioerror.c (g_io_error_from_errno).

import type { IOErrorEnum } from './io-error.ts'

interface Meaning {
  readonly code: IOErrorEnum
  /** Lower case, no full stop: it is put after "…: " or made a sentence of its own. */
  readonly reason: string
}

const CANCELLED: Meaning = { code: 'CANCELLED', reason: 'the operation was cancelled' }

/** Keyed by `error.code` of Node: errno names, then Node's own ERR_ names. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: { code: 'CONNECTION_REFUSED', reason: 'the connection was refused' },
  EHOSTUNREACH: { code: 'HOST_UNREACHABLE', reason: 'the host cannot be reached' },
  EHOSTDOWN: { code: 'HOST_UNREACHABLE', reason: 'the host is down' },
  ENETUNREACH: { code: 'NETWORK_UNREACHABLE', reason: 'the network cannot be reached' },
  ENETDOWN: { code: 'NETWORK_UNREACHABLE', reason: 'the network is down' },
  EADDRNOTAVAIL: { code: 'NETWORK_UNREACHABLE', reason: 'no local address can be used for it' },
  EAFNOSUPPORT: { code: 'NOT_SUPPORTED', reason: 'the address family is not supported on this machine' },
  EPROTONOSUPPORT: { code: 'NOT_SUPPORTED', reason: 'the protocol is not supported on this machine' },
  ETIMEDOUT: { code: 'TIMED_OUT', reason: 'the connection timed out' },
  ECONNRESET: { code: 'CONNECTION_CLOSED', reason: 'the connection was reset by the peer' },
  ECONNABORTED: { code: 'CONNECTION_CLOSED', reason: 'the connection was aborted' },
  ERR_STREAM_PREMATURE_CLOSE: { code: 'CONNECTION_CLOSED', reason: 'the connection was closed too early' },
  ERR_SOCKET_CLOSED: { code: 'CLOSED', reason: 'the socket is closed' },
  ERR_SOCKET_CLOSED_BEFORE_CONNECTION: { code: 'CLOSED', reason: 'the socket was closed before it was connected' },
  ERR_STREAM_DESTROYED: { code: 'CLOSED', reason: 'the stream is closed' },
  ERR_STREAM_WRITE_AFTER_END: { code: 'CLOSED', reason: 'the stream was already ended' },
  EPIPE: { code: 'BROKEN_PIPE', reason: 'the peer has closed the connection' },
  ENOTCONN: { code: 'NOT_CONNECTED', reason: 'the socket is not connected' },
  EADDRINUSE: { code: 'ADDRESS_IN_USE', reason: 'the address is already in use' },
  EACCES: { code: 'PERMISSION_DENIED', reason: 'permission was denied' },
  EPERM: { code: 'PERMISSION_DENIED', reason: 'the operation is not permitted' },
  ERR_ACCESS_DENIED: { code: 'PERMISSION_DENIED', reason: 'this process may not use the network' },
  EINVAL: { code: 'INVALID_ARGUMENT', reason: 'an argument is not valid' },
  ERR_INVALID_ARG_VALUE: { code: 'INVALID_ARGUMENT', reason: 'an argument is not valid' },
  ERR_INVALID_ARG_TYPE: { code: 'INVALID_ARGUMENT', reason: 'an argument is not valid' },
  ERR_SOCKET_BAD_PORT: { code: 'INVALID_ARGUMENT', reason: 'the port is out of range' },
  EMFILE: { code: 'TOO_MANY_OPEN_FILES', reason: 'this process has too many open files' },
  ENFILE: { code: 'TOO_MANY_OPEN_FILES', reason: 'the system has too many open files' },
  ENOSPC: { code: 'NO_SPACE', reason: 'no space is left on the device' },
  ENOENT: { code: 'NOT_FOUND', reason: 'there is no such file' },
  EEXIST: { code: 'EXISTS', reason: 'the file exists already' },
  EISDIR: { code: 'IS_DIRECTORY', reason: 'it is a directory' },
  ENOTDIR: { code: 'NOT_DIRECTORY', reason: 'a part of the path is no directory' },
  ENOTEMPTY: { code: 'NOT_EMPTY', reason: 'the directory is not empty' },
  ENAMETOOLONG: { code: 'FILENAME_TOO_LONG', reason: 'the name is too long' },
  ELOOP: { code: 'TOO_MANY_LINKS', reason: 'there are too many symbolic links on the way' },
  EROFS: { code: 'READ_ONLY', reason: 'the file system is read-only' },
  EBUSY: { code: 'BUSY', reason: 'the resource is busy' },
  EAGAIN: { code: 'WOULD_BLOCK', reason: 'the operation would block' },
  EINPROGRESS: { code: 'PENDING', reason: 'the operation is under way already' },
  EALREADY: { code: 'PENDING', reason: 'the operation is under way already' },
  ENOTSUP: { code: 'NOT_SUPPORTED', reason: 'the operation is not supported' },
  EOPNOTSUPP: { code: 'NOT_SUPPORTED', reason: 'the operation is not supported' },
  ENOMEM: { code: 'NO_SPACE', reason: 'the system has no memory left' },
  EMSGSIZE: { code: 'MESSAGE_TOO_LARGE', reason: 'the message is too large' },
  ECANCELED: CANCELLED,
  ABORT_ERR: CANCELLED,
  ENOTFOUND: { code: 'HOST_NOT_FOUND', reason: 'the host was not found' },
}

/** The string `code` Node put on `error`, or '' when it has none. */
export function nodeErrorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** What a Node error means. An error that is not in the table is `FAILED`, in Node's own words. */
export function meaningOfNodeError(error: unknown): Meaning {
  const code = nodeErrorCode(error)
  const known = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined
  if (known) return known
  // A DOMException has a number for its code.
  if (error instanceof Error && error.name === 'AbortError') return CANCELLED
  const words = error instanceof Error ? error.message : String(error)
  const [firstLine = ''] = words.split('\n', 1)
  return { code: 'FAILED', reason: firstLine.replace(/[.\s]+$/, '') || 'the operation failed' }
}
