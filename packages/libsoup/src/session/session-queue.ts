// The driver of a session's messages: takes each through its states, from 'starting' to 'finished'. Called by Session,
// by ConnectionManager when a connection is there, and by MessageQueueItem when the wire has news.
// Upstream: libsoup/soup-session.c (soup_session_process_queue_item and its helpers).

import type { Readable } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import type { IOFailure } from '../connection/client-message-io.ts'
import type { Connection } from '../connection/connection.ts'
import type { ConnectionManager } from '../connection/connection-manager.ts'
import { messageChannel, publishMessage } from '../diagnostics.ts'
import { SessionError } from '../errors.ts'
import { MessageFlags } from '../message/message-flags.ts'
import { MessageMetrics, metricsNow } from '../message/message-metrics.ts'
import type { MessageQueueItem } from './message-queue-item.ts'
import type { Message } from '../message/message.ts'
import { redirectMessage, wouldRedirect } from './redirect.ts'
import { shouldRetry } from './retry.ts'
import type { SessionFeature } from './session-feature.ts'

/** Redirects and restarts of one message. Upstream: SOUP_SESSION_MAX_RESEND_COUNT. */
const MAX_RESEND_COUNT = 20

/** What the driver needs of its session. */
export interface SessionQueueOwner {
  readonly features: readonly SessionFeature[]
  readonly userAgent: string | null
  readonly acceptLanguage: string | null
  messageQueued(message: Message): void
  messageUnqueued(message: Message): void
}

export class SessionQueue {
  readonly #owner: SessionQueueOwner
  readonly #connections: ConnectionManager
  // An array whose gaps the last item fills; a Set costs a garbage collection's worth per thousand messages.
  readonly #items: MessageQueueItem[] = []

  constructor(owner: SessionQueueOwner, connections: ConnectionManager) {
    this.#owner = owner
    this.#connections = connections
  }

  append(item: MessageQueueItem): void {
    const { message, messageState, signal } = item
    messageState.item = item
    messageState.cleanupResponse()
    messageState.metrics = null
    if ((message.flags & MessageFlags.COLLECT_METRICS) !== 0) {
      messageState.metrics = new MessageMetrics()
      messageState.metrics.fetchStart = metricsNow()
    }
    item.queueIndex = this.#items.push(item) - 1
    for (const feature of this.#owner.features) {
      if (feature.requestQueued !== undefined && !message.isFeatureDisabled(feature)) feature.requestQueued(message)
    }
    this.#owner.messageQueued(message)
    if (messageChannel.hasSubscribers) publishMessage('queued', item)
    if (signal !== undefined) {
      if (signal.aborted) {
        this.cancelled(item)
        return
      }
      signal.addEventListener('abort', item, { once: true })
    }
    this.#process(item)
  }

  /** Gives every message up with `error`. */
  abortAll(error: Error): void {
    for (const item of [...this.#items]) this.fail(item, error)
  }

  #process(item: MessageQueueItem): void {
    for (;;) {
      switch (item.state) {
        case 'starting': {
          const connection = this.#connections.acquire(item)
          if (connection === null) {
            item.moveTo('connecting')
            this.#connections.wait(item)
            return
          }
          this.#take(item, connection)
          break
        }
        case 'ready':
          this.#run(item)
          return
        case 'restarting':
          this.#restart(item)
          break
        case 'finishing':
          this.#finish(item)
          return
        case 'connecting': // goes on in connectionReady or connectionFailed
        case 'running': // goes on in gotBody or ioFailed
        case 'finished':
          return
      }
    }
  }

  connectionReady(item: MessageQueueItem, connection: Connection): void {
    this.#take(item, connection)
    this.#process(item)
  }

  #take(item: MessageQueueItem, connection: Connection): void {
    item.connection = connection
    item.messageState.connection = connection
    item.messageState.isConnectionReused = connection.messagesSent > 0
    item.moveTo('ready')
  }

  #run(item: MessageQueueItem): void {
    const { message, connection } = item
    const { userAgent, acceptLanguage, features } = this.#owner
    const headers = message.requestHeaders
    try {
      if (userAgent !== null) headers.replace('User-Agent', userAgent)
      if (acceptLanguage !== null && !headers.has('accept-language')) headers.append('Accept-Language', acceptLanguage)
      for (const feature of features) {
        if (feature.requestStarting !== undefined && !message.isFeatureDisabled(feature)) {
          feature.requestStarting(message)
        }
      }
      message.emit('starting')
    } catch (error) {
      if (connection !== null) this.#connections.giveBack(connection)
      this.fail(item, error as Error)
      return
    }
    if (item.state !== 'ready') return // a listener cancelled it
    item.moveTo('running')
    if (messageChannel.hasSubscribers) publishMessage('running', item)
    connection?.send(item)
  }

  gotHeaders(item: MessageQueueItem): void {
    const { message } = item
    if (messageChannel.hasSubscribers) publishMessage('got-headers', item)
    try {
      for (const feature of this.#owner.features) {
        if (feature.gotHeaders !== undefined && !message.isFeatureDisabled(feature)) feature.gotHeaders(message)
      }
      message.emit('got-headers')
      if (item.state !== 'running') return // a listener cancelled it
      if (wouldRedirect(message)) item.discardBody()
      else item.acceptBody()
    } catch (error) {
      this.fail(item, error as Error)
    }
  }

  gotBody(item: MessageQueueItem): void {
    const { message } = item
    try {
      message.emit('got-body')
    } catch (error) {
      this.fail(item, error as Error)
    }
    if (item.state !== 'running') return
    if (!wouldRedirect(message)) {
      item.moveTo('finishing')
      this.#process(item)
      return
    }
    item.moveTo('restarting')
    // The connection reports in a microtask that it is free again; a redirect on the same host should find it.
    queueMicrotask(() => this.#process(item))
  }

  /** A redirect brings so long a body that a new connection is cheaper than reading it. */
  discardedEnough(item: MessageQueueItem): void {
    item.connection?.io?.cancel(item)
    this.gotBody(item)
  }

  #restart(item: MessageQueueItem): void {
    const { message, messageState } = item
    try {
      if (messageState.statusCode !== 0) {
        item.resendCount += 1
        if (item.resendCount > MAX_RESEND_COUNT) {
          throw new SessionError('TOO_MANY_REDIRECTS', `The server redirected more than ${MAX_RESEND_COUNT} times.`)
        }
        redirectMessage(message)
      }
      messageState.cleanupResponse()
      messageState.metrics?.restart()
      item.reset()
      message.emit('restarted')
      if (item.state === 'restarting') item.moveTo('starting')
    } catch (error) {
      item.error = error as Error
      item.moveTo('finishing')
    }
  }

  ioFailed(item: MessageQueueItem, failure: IOFailure): void {
    const { message } = item
    if (item.state !== 'running') return
    const retry = shouldRetry({
      method: message.method,
      declaredIdempotent: (message.flags & MessageFlags.IDEMPOTENT) !== 0,
      requestWritten: failure.requestWritten,
      responseStarted: failure.responseStarted,
      connectionReused: item.messageState.isConnectionReused,
      bodyRestartable: message.requestBody?.isRestartable ?? true,
      connectionLost: failure.connectionLost,
      retriesSoFar: item.retryCount,
    })
    if (retry) {
      item.retryCount += 1
      // A 1xx may have come before: what is retried has had no response.
      item.messageState.statusCode = 0
      item.moveTo('restarting')
    } else {
      item.error = failure.error
      item.moveTo('finishing')
    }
    this.#process(item)
  }

  /** Ends a message that is anywhere on its way with `error`. */
  fail(item: MessageQueueItem, error: Error): void {
    const { state } = item
    if (state === 'finishing' || state === 'finished') return
    item.error = error
    item.moveTo('finishing')
    if (state === 'connecting') this.#connections.cancelWaiting(item)
    else if (state === 'ready' && item.connection !== null) this.#connections.giveBack(item.connection)
    else if (state === 'running') item.connection?.io?.cancel(item)
    this.#process(item)
  }

  cancelled(item: MessageQueueItem): void {
    const reason: unknown = item.signal?.reason
    const timedOut = reason instanceof Error && reason.name === 'TimeoutError'
    const error = timedOut
      ? new IOError('TIMED_OUT', 'The message took longer than its caller allows.', { cause: reason })
      : IOError.cancelled(item.signal)
    this.fail(item, error)
  }

  /** The reader of the body went away before its end; nobody is left to be told. */
  abandoned(item: MessageQueueItem): void {
    this.fail(item, new IOError('CANCELLED', 'The response body was closed before its end.'))
  }

  priorityChanged(item: MessageQueueItem): void {
    if (item.state === 'connecting') this.#connections.priorityChanged(item)
  }

  wrapsInput(message: Message): boolean {
    for (const feature of this.#owner.features) {
      if (feature.wantsInput?.(message) === true && !message.isFeatureDisabled(feature)) return true
    }
    return false
  }

  wrapInput(message: Message, body: Readable): Readable {
    let stream = body
    for (const feature of this.#owner.features) {
      if (feature.wrapInput !== undefined && !message.isFeatureDisabled(feature)) {
        stream = (feature.wrapInput(message, stream) as Readable | null) ?? stream
      }
    }
    return stream
  }

  #finish(item: MessageQueueItem): void {
    const { message, messageState, signal } = item
    signal?.removeEventListener('abort', item)
    this.#remove(item)
    messageState.item = null
    item.moveTo('finished')
    if (messageChannel.hasSubscribers) publishMessage('finished', item)
    try {
      for (const feature of this.#owner.features) {
        if (feature.requestUnqueued !== undefined && !message.isFeatureDisabled(feature)) {
          feature.requestUnqueued(message)
        }
      }
      this.#owner.messageUnqueued(message)
      message.emit('finished')
    } catch (error) {
      item.error ??= error as Error
    }
    item.settle()
  }

  #remove(item: MessageQueueItem): void {
    const last = this.#items.pop() as MessageQueueItem
    if (last !== item) {
      this.#items[item.queueIndex] = last
      last.queueIndex = item.queueIndex
    }
    item.queueIndex = -1
  }
}
