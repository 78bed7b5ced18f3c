// The application data of a TLS connection as a Duplex that passes for a socket; what libsoup and undici read and write.
// Upstream: glib-networking/tls/base/gtlsinputstream.c, gtlsoutputstream.c and gtlsconnection-gnutls.c (read, write, close).

import { TlsError } from '@wpe-networking/glib-networking-base'
import type { BaseReceiver, BaseStream } from './base-stream.ts'
import { connectionError } from './errors.ts'
import type { GnutlsSession } from './gnutls-session.ts'
import {
  GNUTLS_A_NO_RENEGOTIATION,
  GNUTLS_AL_WARNING,
  GNUTLS_E_AGAIN,
  GNUTLS_E_PREMATURE_TERMINATION,
  GNUTLS_E_REHANDSHAKE,
  GNUTLS_E_SESSION_EOF,
  MAXIMUM_RECORD_BYTES,
} from './libgnutls.ts'
import { PlaintextReader } from './plaintext-reader.ts'
import { SocketFacade } from './socket-facade.ts'

const EMPTY = Buffer.alloc(0)

/** What the connection wants to know about its stream. */
export interface TlsStreamObserver {
  /** The stream is gone, and the session with it. */
  onDestroyed(error: Error | null): void
}

type Callback = (error?: Error | null) => void

export class TlsStreamGnutls extends SocketFacade implements BaseReceiver {
  /** As on a TLSSocket, for callers that ask whether this is TLS. */
  readonly encrypted = true
  /** The ALPN protocol agreed on; false when none was, null before the handshake: as on a TLSSocket. */
  alpnProtocol: string | false | null = null

  readonly #requireCloseNotify: boolean
  readonly #observer: TlsStreamObserver
  #session: GnutlsSession | null = null
  #reader: PlaintextReader | null = null
  /** The reader wants more. */
  #wanted = false
  #decrypting = false
  #baseEnded = false
  #baseClosed = false
  /** The peer has said close_notify; this side has. */
  #received = false
  #sent = false
  /** A failure that waits until what came before it has been read. */
  #failure: Error | null = null
  /** Written or ended before the handshake was done. */
  #waiting: (() => void) | null = null

  /** @param requireCloseNotify Whether a peer that vanishes without one makes the stream fail, or just end. */
  constructor(base: BaseStream, requireCloseNotify: boolean, observer: TlsStreamObserver) {
    super(base)
    this.#requireCloseNotify = requireCloseNotify
    this.#observer = observer
  }

  /** Starts the flow of application data over a session whose handshake is done. */
  establish(session: GnutlsSession): void {
    this.#session = session
    this.#reader = new PlaintextReader(session)
    this.alpnProtocol = session.negotiatedProtocol ?? false
    this.base.start(this)
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.()
    // The end of the handshake leaves with data that is written in this turn, or else now: as a small segment of its own
    // it would hold that data back until the peer has acknowledged it, which takes 40 ms.
    setImmediate(() => this.#flush(session))
    // Like a socket, read ahead without being asked: tickets, and the peer's end, are noticed while the stream is idle.
    this.read(0)
    this.#decrypt()
  }

  // Receiving

  onData(chunk: Buffer): void {
    // After close_notify nothing counts, but it has to be taken to see the base stream's end.
    if (this.#received || this.#failure !== null) return
    this.#session?.feed(chunk)
    if (this.#wanted) this.#decrypt()
    else this.base.pause()
  }

  onEnd(): void {
    this.#baseEnded = true
    this.#session?.feedEnd()
    this.#decrypt()
  }

  /** Reads what is left (never more than a chunk or two), wanted or not, so that the session can be freed now. */
  onClose(): void {
    this.#baseClosed = true
    this.onEnd()
    this.#session?.close()
  }

  onError(error: Error): void {
    this.destroy(error)
  }

  override _read(): void {
    if (this.#failure !== null) {
      // An empty push keeps the reader asking; the last time it asks, everything has been read.
      if (this.readableLength === 0) this.destroy(this.#failure)
      else this.push(EMPTY)
      return
    }
    this.#wanted = true
    this.#decrypt()
  }

  /** Decrypts for as long as the reader wants more. */
  #decrypt(): void {
    const session = this.#session
    const reader = this.#reader
    if (session === null || reader === null || this.#decrypting || this.#received) return
    this.#decrypting = true
    while ((this.#wanted || this.#baseClosed) && !session.closed) {
      if (!reader.mayRead && !this.#baseEnded) break
      const chunk = reader.read(this.base.ownsChunks)
      if (chunk !== null) this.#wanted = this.push(chunk)
      if (reader.result <= 0 && !this.#proceed(session, reader.result)) break
    }
    this.#decrypting = false
    if (this.#wanted || this.#received || this.#failure !== null) this.base.resume()
    else this.base.pause()
  }

  /** Deals with anything but data; true when more may follow at once. */
  #proceed(session: GnutlsSession, result: number): boolean {
    if (session.closed) return false
    switch (result) {
      case 0:
        this.#end()
        return false
      case GNUTLS_E_PREMATURE_TERMINATION:
      case GNUTLS_E_SESSION_EOF:
        if (this.#requireCloseNotify) break
        this.#end()
        return false
      case GNUTLS_E_AGAIN:
        // A session ticket says this too, with records behind it that have come already.
        return session.readableBytes > 0
      case GNUTLS_E_REHANDSHAKE:
        session.sendAlert(GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION)
        this.#flush(session)
        this.#fail(new TlsError('MISC', 'The peer asked for a renegotiation, which is refused.'))
        return false
    }
    if (!session.isFatal(result)) return true
    const failure = session.describe(result)
    session.sendAlertFor(result)
    this.#flush(session)
    this.#fail(connectionError(failure))
    return false
  }

  #end(): void {
    this.#received = true
    if (this.#sent) this.base.end(() => undefined)
    this.push(null)
    this.read(0)
  }

  /** Ends the connection at once, but tells the reader only after everything that was received before. */
  #fail(error: Error): void {
    this.#failure = error
    if (this.readableLength === 0) {
      this.destroy(error)
      return
    }
    this.#session?.close()
    this.base.destroy()
    // Answers the reader's last request with nothing, so that it asks again; see _read.
    this.push(EMPTY)
  }

  // Sending

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#whenEstablished((session) => this.#send(session, [chunk], callback))
  }

  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    const buffers = chunks.map(({ chunk }) => chunk)
    this.#whenEstablished((session) => this.#send(session, gatherSmall(buffers), callback))
  }

  override _final(callback: Callback): void {
    this.#whenEstablished((session) => {
      session.bye()
      this.base.writeThrough(session.takeOutgoing(), () => {
        this.#sent = true
        // The stream below is ended once both sides have said close_notify: many a peer, and every socket that is not
        // told otherwise, takes its end for the end of both directions.
        if (this.#received) this.base.end(callback)
        else callback()
      })
    })
  }

  #whenEstablished(action: (session: GnutlsSession) => void): void {
    const session = this.#session
    if (session === null) this.#waiting = () => this.#whenEstablished(action)
    else action(session)
  }

  #send(session: GnutlsSession, buffers: readonly Buffer[], callback: Callback): void {
    if (session.closed || !this.base.writable) {
      callback(this.#failure ?? new TlsError('EOF', 'The TLS connection is closed.'))
      return
    }
    let bytes = 0
    let records = 0
    for (const { length } of buffers) {
      bytes += length
      records += Math.ceil(length / MAXIMUM_RECORD_BYTES)
    }
    session.expect(bytes, records)
    for (const buffer of buffers) {
      for (let offset = 0; offset < buffer.length;) {
        const result = session.send(offset === 0 ? buffer : buffer.subarray(offset))
        if (result >= 0) {
          offset += result
        } else if (session.isFatal(result)) {
          callback(connectionError(session.describe(result)))
          return
        }
      }
    }
    // Not at once: what is written during the rest of this turn then goes out together, as one _writev.
    if (this.#flush(session)) process.nextTick(callback)
    else this.base.whenDrained(callback)
  }

  #flush(session: GnutlsSession): boolean {
    const outgoing = session.takeOutgoing()
    return outgoing.length === 0 || this.base.write(outgoing)
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#session?.close()
    this.#waiting = null
    this.base.destroy()
    this.#observer.onDestroyed(error)
    callback(error)
  }
}

/** Joins neighbours that do not fill a record, so that many small writes become few records. */
function gatherSmall(buffers: readonly Buffer[]): readonly Buffer[] {
  const gathered: Buffer[] = []
  let small: Buffer[] = []
  const join = (): void => {
    if (small.length > 0) gathered.push(small.length === 1 ? (small[0] as Buffer) : Buffer.concat(small))
    small = []
  }
  for (const buffer of buffers) {
    if (buffer.length < MAXIMUM_RECORD_BYTES) {
      small.push(buffer)
    } else {
      join()
      gathered.push(buffer)
    }
  }
  join()
  return gathered
}
