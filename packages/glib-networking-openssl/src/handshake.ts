// Drives one TLSSocket from its first byte to the end of its handshake; client and server connections both call it.
// Upstream: glib-networking/tls/base/gtlsconnection-base.c (handshake thread and accept_or_reject_peer_certificate).

import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import {
  type HandshakeReporter,
  TlsCertificateFlags,
  TlsError,
  type TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import { handshakeError } from './errors.ts'
import { establishStream } from './established-stream.ts'

/** What client and server do differently. */
export interface HandshakeSteps {
  readonly baseIoStream: Duplex
  readonly reporter: HandshakeReporter
  /** Default true. */
  readonly requireCloseNotify: boolean | undefined
  /** The event that says the handshake is done. */
  readonly readyEvent: 'secureConnect' | 'secure'
  /** What has to be known before anything is sent; null when everything is. */
  prepare(signal: AbortSignal | undefined): Promise<void> | null
  /** Makes the socket, which starts the handshake. */
  open(): TLSSocket
  /** Judges the peer in the turn of the ready event, before anything it sent can be read; throws to refuse it. */
  finish(socket: TLSSocket): TlsHandshakeResult
}

export interface Handshake {
  readonly socket: TLSSocket
  readonly result: TlsHandshakeResult
}

/**
 * Does the handshake. Whatever goes wrong, the socket and the stream below it are destroyed before this rejects.
 *
 * @throws {TlsError} As `TlsBackendConnection.handshake`; an abort throws the signal's reason.
 */
export async function performHandshake(steps: HandshakeSteps, signal: AbortSignal | undefined): Promise<Handshake> {
  const { baseIoStream, reporter } = steps
  reporter.start()
  try {
    signal?.throwIfAborted()
    if (baseIoStream.destroyed) throw new TlsError('EOF', 'The connection was closed before the TLS handshake.')
    const preparation = steps.prepare(signal)
    if (preparation !== null) await preparation
    const handshake = await untilReady(steps, signal)
    reporter.end(handshake.result)
    return handshake
  } catch (error) {
    baseIoStream.destroy()
    reporter.failed(error, error instanceof TlsError ? error.flags : TlsCertificateFlags.NO_FLAGS)
    throw error
  }
}

function untilReady(steps: HandshakeSteps, signal: AbortSignal | undefined): Promise<Handshake> {
  const { readyEvent } = steps
  const socket = steps.open()
  const { promise, resolve, reject } = Promise.withResolvers<Handshake>()
  socket.on('error', () => undefined) // An error after the one that ended the handshake has nothing left to end.
  const settle = (): void => {
    socket.off(readyEvent, onReady).off('error', onError).off('end', onClosed).off('close', onClosed)
    signal?.removeEventListener('abort', onAbort)
  }
  const fail = (error: unknown): void => {
    settle()
    socket.destroy()
    reject(error)
  }
  const onReady = (): void => {
    try {
      const result = steps.finish(socket)
      settle()
      establishStream(socket, steps)
      resolve({ socket, result })
    } catch (error) {
      fail(error)
    }
  }
  const onError = (error: Error): void => fail(handshakeError(error))
  const onClosed = (): void => {
    fail(new TlsError('EOF', 'The peer closed the connection during the TLS handshake.'))
  }
  const onAbort = (): void => fail(signal?.reason)
  socket.on(readyEvent, onReady).on('error', onError).on('end', onClosed).on('close', onClosed)
  signal?.addEventListener('abort', onAbort)
  return promise
}
