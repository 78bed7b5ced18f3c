// What goes wrong between two processes. Upstream: WebKit/Platform/IPC/Connection.h (IPC::Error).

export type IPCErrorCode =
  | 'CONNECTION_CLOSED'
  | 'INVALID_MESSAGE'
  | 'MESSAGE_TOO_LARGE'
  | 'STREAM_FAILED'
  | 'HANDLER_FAILED'
  | 'PEER_STOPPED_READING'

/**
 * `CONNECTION_CLOSED`: either side closed. `INVALID_MESSAGE`: the peer sent what it may not. `STREAM_FAILED`: the operating system
 * reported an error, kept in `cause`. `HANDLER_FAILED`: a receiver threw, kept in `cause`. `PEER_STOPPED_READING`: more is waiting to
 * be sent than may wait. `MESSAGE_TOO_LARGE`: thrown to the sender of what the peer would refuse; the connection stays open.
 */
export class IPCError extends Error {
  override readonly name = 'IPCError'
  readonly domain = 'WebKitIPCError'
  readonly code: IPCErrorCode

  constructor(code: IPCErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
