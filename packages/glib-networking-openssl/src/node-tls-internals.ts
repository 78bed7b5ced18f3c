// The few things node:tls tells only its own tls.Server, or nobody. A tls.Server cannot be used here: it does not say which
// of the streams given to it became which TLSSocket. Everything here is as old as TLSSocket itself, and a test of its own
// says so for each.

import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { getSystemErrorName } from 'node:util'

/** A stream as the C++ side of Node has it. */
interface Handle {
  /** Whether JavaScript wants data. */
  reading?: boolean
  readStart(): number
  readStop(): number
}

interface TlsHandle extends Handle {
  /** Where the records come from, and whose handle that is. */
  readonly _parent: Handle
  readonly _parentWrap: Duplex
  oncertcb: (info: { readonly OCSPRequest?: boolean }) => void
  enableCertCb(): void
  certCbDone(): void
  setOCSPResponse(response: Uint8Array): void
  getSession(): Buffer | undefined
  verifyError(): (Error & { readonly code?: string }) | null | undefined
}

interface SocketInternals {
  readonly ssl: TlsHandle | null
  secureConnecting: boolean
  on(event: '_tlsError', listener: (error: Error) => void): unknown
}

function internalsOf(socket: TLSSocket): SocketInternals {
  return socket as unknown as SocketInternals
}

/** OpenSSL's verdict on the client's certificate, or null; what tls.Server makes `authorizationError` of. */
export function verifyErrorOf(socket: TLSSocket): string | null {
  const error = internalsOf(socket).ssl?.verifyError()
  return error ? (error.code ?? error.message) : null
}

/** Makes a server's TLSSocket fail with its TLS errors, which Node otherwise leaves to tls.Server's own listener. */
export function forwardHandshakeErrors(socket: TLSSocket): void {
  internalsOf(socket).on('_tlsError', (error) => socket.destroy(error))
}

/** Tells a server's TLSSocket that its handshake is done, for which Node's HTTP/2 waits and of which tls.Server tells it. */
export function markSecured(socket: TLSSocket): void {
  internalsOf(socket).secureConnecting = false
}

/**
 * Spares a client the decoding of all certificates into Node's old form, of which Node makes an argument for
 * `checkServerIdentity` (a tenth of a handshake). Gives back what undoes it, to be called when the handshake is done.
 */
export function skipIdentityCheck(socket: TLSSocket): () => void {
  socket.getPeerCertificate = (() => ({})) as unknown as typeof socket.getPeerCertificate
  return () => {
    // Deleting the property would do, and make the socket a slow object.
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it becomes the same method again
    socket.getPeerCertificate = TLSSocket.prototype.getPeerCertificate
  }
}

/** Makes a server's TLSSocket staple `response` for a client that asks for one; to be called before anything was read. */
export function stapleOcspResponse(socket: TLSSocket, response: Uint8Array): void {
  const { ssl } = internalsOf(socket)
  if (ssl === null) return
  ssl.oncertcb = ({ OCSPRequest }) => {
    if (OCSPRequest === true) ssl.setOCSPResponse(response)
    ssl.certCbDone()
  }
  ssl.enableCertCb()
}

/** The session in OpenSSL's own encoding, without what Node puts before it; null when the connection is gone. */
export function encodedSessionOf(socket: TLSSocket): Buffer | null {
  return internalsOf(socket).ssl?.getSession() ?? null
}

/**
 * To be asked in the moment in which `socket` ends: whether the stream below it has ended, for which close_notify does not
 * wait. Node reports both alike and does not tell OpenSSL of the second, so its handles are asked here.
 */
export function hasEndedBelow(socket: TLSSocket, baseIoStream: Duplex): boolean {
  const { ssl } = internalsOf(socket)
  if (ssl === null) return false
  const below = ssl._parent
  if (ssl._parentWrap !== baseIoStream) return baseIoStream.readableEnded // A stream of JavaScript, wrapped by Node.
  const wanted = ssl.reading !== false
  return '_parent' in below ? hasTlsEnded(below, wanted) : hasSocketEnded(below, wanted)
}

/** libuv reports an end only to who reads, and stops reading with it; who can start again was stopped. */
function hasSocketEnded(handle: Handle, wanted: boolean): boolean {
  if (!wanted || isReadingAlready(handle)) return false
  handle.readStop()
  return true
}

/** A TLS handle may report its end to who does not read. It passes a start on to the socket below until it has ended. */
function hasTlsEnded(handle: Handle, wanted: boolean): boolean {
  const reading = isReadingAlready(handle) || isReadingAlready(handle)
  if (!wanted) handle.readStop()
  return !reading
}

/** Starts reading; whether that was no news to libuv. */
function isReadingAlready(handle: Handle): boolean {
  const result = handle.readStart()
  return result < 0 && getSystemErrorName(result) === 'EALREADY'
}
