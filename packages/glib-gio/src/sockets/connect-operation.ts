// One run of SocketClient.connect: enumerate addresses, race connection attempts, take the first that works. Addresses of
// one proxy, or of the destination itself, race each other; those of the next proxy wait until the former have failed.
// Upstream: glib/gio/gsocketclient.c (GSocketClientAsyncConnectData). RFC 8305 section 5.
//
//   enumerate ──address──▶ attempt ──connected──▶ ready ──▶ establish (proxy, TLS) ──▶ done
//       ▲                    │ failed, or 250 ms without an answer   │ failed
//       └────────────────────┴───────────────────────────────────────┘

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectSteps } from './connect-steps.ts'
import { FurthestError } from './furthest-error.ts'
import { IOError } from '../io-error.ts'
import { ProxyAddress } from '../proxy/proxy-address.ts'
import type { SocketAddress } from '../addresses/socket-address.ts'
import { SocketClientEvent } from './socket-client-event.ts'
import type { SocketClientEventConnection } from './socket-client.ts'
import type { SocketConnection } from './socket-connection.ts'

interface Attempt {
  readonly socket: Socket
  readonly connection: SocketConnection
  /** Takes the listeners and timers off again. */
  release(): void
}

/** Use once. When {@link ConnectOperation.run} has settled, no socket but the returned one, no timer and no listener is left. */
export class ConnectOperation {
  readonly #steps: ConnectSteps
  readonly #errors = new FurthestError()
  readonly #attempts = new Set<Attempt>()
  /** Connected, waiting while an earlier one is being established. */
  readonly #ready: SocketConnection[] = []
  /** Ends the enumeration and the establishing when the operation ends. */
  readonly #stop = new AbortController()
  readonly #result = Promise.withResolvers<SocketConnection>()
  #establishing: Duplex | null = null
  /** The way that attempts are being made at: a proxy's URI, or null for direct. */
  #route: string | null | undefined
  /** The first address of another way, while there is hope for this one. */
  #held: SocketAddress | null = null
  #enumerating = false
  #enumerationCompleted = false
  #addressesEnumerated = 0
  #completed = false

  constructor(steps: ConnectSteps) {
    this.#steps = steps
  }

  run(): Promise<SocketConnection> {
    const { signal } = this.#steps
    if (signal?.aborted) {
      this.#onAbort()
    } else {
      signal?.addEventListener('abort', this.#onAbort)
      this.#guard(() => this.#enumerateNext())
    }
    return this.#result.promise
  }

  readonly #onAbort = (): void => this.#fail(IOError.cancelled(this.#steps.signal))

  /** A listener of the client's 'event' may throw; that ends the operation instead of leaving it hanging. */
  #guard(step: () => void): void {
    if (this.#completed) return
    try {
      step()
    } catch (error) {
      this.#fail(error)
    }
  }

  #enumerateNext(): void {
    if (this.#enumerating || this.#enumerationCompleted || this.#held) return
    this.#enumerating = true
    if (this.#addressesEnumerated === 0) this.#steps.emit(SocketClientEvent.RESOLVING, null)
    if (this.#completed) return
    this.#steps.enumerator.next({ signal: this.#stop.signal }).then(
      (address) => this.#guard(() => this.#onEnumerated(address)),
      (error: unknown) => this.#guard(() => this.#onEnumerationFailed(error)),
    )
  }

  #onEnumerationFailed(error: unknown): void {
    this.#enumerating = false
    this.#enumerationCompleted = true
    this.#errors.consider(error, SocketClientEvent.RESOLVING)
    this.#continueOrFinish()
  }

  #onEnumerated(address: SocketAddress | null): void {
    this.#enumerating = false
    if (address === null) {
      this.#enumerationCompleted = true
      this.#continueOrFinish()
      return
    }
    if (this.#addressesEnumerated++ === 0) this.#steps.emit(SocketClientEvent.RESOLVED, null)
    if (this.#completed) return // a listener may have aborted
    const isBusy = this.#attempts.size > 0 || this.#ready.length > 0 || this.#establishing !== null
    if (isBusy && routeOf(address) !== this.#route) this.#held = address
    else this.#startAttempt(address)
  }

  #startAttempt(address: SocketAddress): void {
    const { failure } = this.#steps
    this.#route = routeOf(address)
    let created: { socket: Socket; connection: SocketConnection }
    try {
      created = this.#steps.createConnection(address)
    } catch (error) {
      this.#errors.consider(IOError.fromNode(error, failure), SocketClientEvent.CONNECTING)
      this.#continueOrFinish()
      return
    }
    const attempt = this.#watch(created.socket, created.connection)
    this.#steps.emit(SocketClientEvent.CONNECTING, attempt.connection)
    if (this.#completed) return
    try {
      this.#steps.startConnecting(attempt.socket, address)
    } catch (error) {
      this.#onAttemptFailed(attempt, IOError.fromNode(error, failure))
    }
  }

  #watch(socket: Socket, connection: SocketConnection): Attempt {
    const { attemptDelayMs, timeoutMs, failure } = this.#steps
    const failed = (error: IOError): void => this.#guard(() => this.#onAttemptFailed(attempt, error))
    const onConnect = (): void => this.#guard(() => this.#onConnected(attempt))
    const onError = (error: Error): void => failed(IOError.fromNode(error, failure))
    const onClose = (): void => failed(new IOError('CLOSED', `${failure}: the socket was closed.`))
    const onTimeout = (): void => failed(new IOError('TIMED_OUT', `${failure}: the connection timed out.`))

    const delay = setTimeout(() => this.#guard(() => this.#enumerateNext()), attemptDelayMs)
    const timer = timeoutMs > 0 ? setTimeout(onTimeout, timeoutMs) : undefined
    socket.on('connect', onConnect).on('error', onError).on('close', onClose)
    const attempt: Attempt = {
      socket,
      connection,
      release: () => {
        clearTimeout(delay)
        clearTimeout(timer)
        socket.off('connect', onConnect).off('error', onError).off('close', onClose)
      },
    }
    this.#attempts.add(attempt)
    return attempt
  }

  #onAttemptFailed(attempt: Attempt, error: IOError): void {
    if (!this.#attempts.delete(attempt)) return
    attempt.release()
    attempt.socket.destroy()
    this.#errors.consider(error, SocketClientEvent.CONNECTING)
    this.#steps.attemptFailed(attempt.connection, error)
    this.#continueOrFinish()
  }

  #onConnected(attempt: Attempt): void {
    attempt.release()
    this.#attempts.delete(attempt)
    this.#ready.push(attempt.connection)
    this.#steps.emit(SocketClientEvent.CONNECTED, attempt.connection)
    this.#continueOrFinish()
  }

  /** After anything has ended: establish the next connected socket, else try the next address, else give up. */
  #continueOrFinish(): void {
    if (this.#completed || this.#establishing) return
    const connection = this.#ready.shift()
    if (connection) {
      this.#establish(connection)
    } else if (this.#held && this.#attempts.size === 0) {
      const next = this.#held
      this.#held = null
      this.#startAttempt(next)
    } else if (!this.#enumerationCompleted) {
      this.#enumerateNext()
    } else if (this.#attempts.size === 0) {
      const none = new IOError('NOT_FOUND', `${this.#steps.failure}: there is no address to connect to.`)
      this.#fail(this.#errors.isSet ? this.#errors.error : none)
    }
  }

  #establish(connection: SocketConnection): void {
    this.#establishing = connection.ioStream
    let stage: SocketClientEvent = SocketClientEvent.CONNECTED
    const emit = (event: SocketClientEvent, reached: SocketClientEventConnection): void => {
      stage = event
      if (!this.#completed) this.#steps.emit(event, reached)
    }
    this.#steps.establish(connection, { signal: this.#stop.signal, emit }).then(
      (established) => this.#guard(() => this.#succeed(established)),
      (error: unknown) =>
        this.#guard(() => {
          this.#establishing?.destroy()
          this.#establishing = null
          this.#errors.consider(error, stage)
          this.#steps.attemptFailed(connection, error)
          this.#continueOrFinish()
        }),
    )
  }

  #succeed(connection: SocketConnection): void {
    this.#establishing = null
    this.#cleanUp()
    try {
      this.#steps.emit(SocketClientEvent.COMPLETE, connection)
      this.#result.resolve(connection)
    } catch (error) {
      connection.ioStream.destroy()
      this.#result.reject(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#completed) return
    this.#cleanUp()
    try {
      this.#steps.emit(SocketClientEvent.COMPLETE, null, error)
      this.#result.reject(error)
    } catch (thrownByListener) {
      this.#result.reject(thrownByListener)
    }
  }

  #cleanUp(): void {
    this.#completed = true
    this.#steps.signal?.removeEventListener('abort', this.#onAbort)
    for (const attempt of this.#attempts) {
      attempt.release()
      attempt.socket.destroy()
    }
    this.#attempts.clear()
    for (const connection of this.#ready.splice(0)) connection.ioStream.destroy()
    this.#establishing?.destroy()
    this.#stop.abort()
  }
}

function routeOf(address: SocketAddress): string | null {
  return address instanceof ProxyAddress ? address.uri : null
}
