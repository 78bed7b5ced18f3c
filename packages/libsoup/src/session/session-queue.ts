// The driver of a session's messages: takes each through its states, from 'starting' to 'finished'. Called by Session,
// by ConnectionManager when a connection is there, and by MessageQueueItem when the wire fails; what comes back is
// ResponseDriver's.
// Upstream: libsoup/soup-session.c (soup_session_process_queue_item and its helpers).

import type { Readable } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import type { IOFailure } from '../connection/client-message-io.ts'
import type { Connection } from '../connection/connection.ts'
import type { ConnectionManager } from '../connection/connection-manager.ts'
import { messageChannel, publishMessage } from '../diagnostics.ts'
import { MessageFlags } from '../message/message-flags.ts'
import { MessageMetrics, metricsNow } from '../message/message-metrics.ts'
import type { MessageQueueItem } from './message-queue-item.ts'
import type { Message } from '../message/message.ts'
import { askForAnswer, askInSpite, prepareRequest, wrapInput } from './feature-hooks.ts'
import type { FeatureList, FeatureWith } from './feature-list.ts'
import { destroyBody, ResponseDriver } from './response-driver.ts'
import type { ResponseDriverOwner } from './response-driver.ts'
import { prepareRestart } from './restart.ts'
import { shouldRetry } from './retry.ts'
import type { StoredResponse } from './session-feature.ts'

/** What the driver needs of its session. */
export interface SessionQueueOwner {
  readonly features: FeatureList
  readonly userAgent: string | null
  readonly acceptLanguage: string | null
  messageQueued(message: Message): void
  messageUnqueued(message: Message): void
}

export class SessionQueue implements ResponseDriverOwner {
  readonly responses = new ResponseDriver(this)
  readonly #owner: SessionQueueOwner
  readonly #connections: ConnectionManager
  readonly #sessionListeners: FeatureWith<'requestUnqueued'>
  // An array whose gaps the last item fills; a Set costs a garbage collection's worth per thousand messages.
  readonly #items: MessageQueueItem[] = []

  constructor(owner: SessionQueueOwner, connections: ConnectionManager) {
    this.#owner = owner
    this.#connections = connections
    this.#sessionListeners = { requestUnqueued: (message) => owner.messageUnqueued(message) }
  }

  get features(): FeatureList {
    return this.#owner.features
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
    try {
      for (const feature of this.features.requestQueued) {
        if (!message.isFeatureDisabled(feature)) feature.requestQueued(message)
      }
      if (item.state !== 'starting') return // a feature, or who listens to one, cancelled it
      item.isAnnounced = true
      this.#owner.messageQueued(message)
    } catch (error) {
      this.fail(item, error as Error)
      return
    }
    if (item.state !== 'starting') return // a listener cancelled it
    if (messageChannel.hasSubscribers) publishMessage('queued', item)
    if (signal !== undefined) {
      if (signal.aborted) {
        this.cancelled(item)
        return
      }
      signal.addEventListener('abort', item, { once: true })
    }
    this.proceed(item)
  }

  /** Gives every message up with `error`. */
  abortAll(error: Error): void {
    for (const item of [...this.#items]) this.fail(item, error)
  }

  /** Steps a message as far as it goes without waiting. */
  proceed(item: MessageQueueItem): void {
    for (;;) {
      switch (item.state) {
        case 'starting':
          if (!this.#start(item)) return
          break
        case 'ready':
          this.#prepare(item)
          return
        case 'restarting':
          this.#restart(item)
          break
        case 'finishing':
          this.#finish(item)
          return
        case 'answering': // goes on in #awaitAnswer
        case 'connecting': // goes on in connectionReady or connectionFailed
        case 'running': // goes on in ResponseDriver or ioFailed
        case 'delivering': // goes on in ResponseDriver
        case 'finished':
          return
      }
    }
  }

  /** Whether it has a connection at once. */
  #start(item: MessageQueueItem): boolean {
    const kept = item.keptConnection
    if (kept !== null) return this.#takeKept(item, kept)
    const { answer } = this.features
    if (answer.length === 0 || !wantsAnswer(item)) return this.#findConnection(item)
    try {
      const given = askForAnswer(answer, item.message)
      if (given === null) return this.#findConnection(item)
      if (given instanceof Promise) {
        item.moveTo('answering')
        this.#awaitAnswer(item, given, () => this.#findConnection(item) && this.proceed(item))
      } else this.responses.deliverStored(item, given)
    } catch (error) {
      this.fail(item, error as Error)
    }
    return false
  }

  /** Waits in 'answering'; `otherwise` is done when no feature has an answer. */
  #awaitAnswer(item: MessageQueueItem, pending: Promise<StoredResponse | null>, otherwise: () => void): void {
    pending.then(
      (given) => {
        if (given === null) {
          if (item.state === 'answering') otherwise()
        } else if (item.state === 'answering') this.responses.deliverStored(item, given)
        else destroyBody(given.body)
      },
      (error: unknown) => this.fail(item, error as Error),
    )
  }

  #findConnection(item: MessageQueueItem): boolean {
    try {
      const connection = this.#connections.acquire(item)
      if (connection !== null) {
        this.#take(item, connection)
        return true
      }
    } catch (error) {
      this.fail(item, error as Error) // a feature or a listener was asked about a connection
      return false
    }
    item.moveTo('connecting')
    this.#connections.wait(item)
    return false
  }

  #takeKept(item: MessageQueueItem, kept: Connection): boolean {
    item.keptConnection = null
    if (kept.target.hostKey !== item.messageState.target.hostKey) {
      // It was sent elsewhere meanwhile: to https, by a policy that another response brought.
      this.#connections.releaseKept(kept)
      return this.#findConnection(item)
    }
    if (this.#connections.acquireKept(kept)) {
      this.#take(item, kept)
      return true
    }
    this.fail(item, new IOError('CONNECTION_CLOSED', 'The server closed the connection it was to go on with.'))
    return false
  }

  connectionReady(item: MessageQueueItem, connection: Connection): void {
    this.#take(item, connection)
    this.proceed(item)
  }

  #take(item: MessageQueueItem, connection: Connection): void {
    item.connection = connection
    item.messageState.connection = connection
    item.messageState.isConnectionReused = connection.messagesSent > 0
    item.moveTo('ready')
  }

  /** Lets the session and its features have their say about the request. */
  #prepare(item: MessageQueueItem): void {
    const { message, connection } = item
    if (item.isPreconnect) {
      item.moveTo('finishing')
      if (connection !== null) this.#connections.giveBack(connection)
      this.#finish(item)
      return
    }
    const { userAgent, acceptLanguage } = this.#owner
    const headers = message.requestHeaders
    try {
      if (userAgent !== null) headers.replace('User-Agent', userAgent)
      if (acceptLanguage !== null && !headers.has('accept-language')) headers.append('Accept-Language', acceptLanguage)
      const pending = prepareRequest(this.features.requestStarting, message)
      if (pending === undefined) {
        this.#run(item)
        return
      }
      pending.then(
        () => item.state === 'ready' && this.#run(item),
        (error: unknown) => this.fail(item, error as Error),
      )
    } catch (error) {
      this.fail(item, error as Error)
    }
  }

  #run(item: MessageQueueItem): void {
    try {
      item.message.emit('starting')
    } catch (error) {
      this.fail(item, error as Error)
    }
    if (item.state !== 'ready') return // a listener cancelled it
    if (item.connection?.target.hostKey !== item.messageState.target.hostKey) {
      this.fail(item, new IOError('INVALID_ARGUMENT', 'The URI went to another host while the message was being sent.'))
      return
    }
    item.moveTo('running')
    item.attempt += 1
    if (messageChannel.hasSubscribers) publishMessage('running', item)
    item.connection?.send(item)
  }

  #restart(item: MessageQueueItem): void {
    const { message } = item
    try {
      prepareRestart(item)
      for (const feature of this.features.requestRestarted) {
        if (!message.isFeatureDisabled(feature)) feature.requestRestarted(message)
      }
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
      connectionReused: item.messageState.isConnectionReused || item.connection?.hasWaited === true,
      bodyRestartable: message.requestBody?.isRestartable ?? true,
      connectionLost: failure.connectionLost,
      retriesSoFar: item.retryCount,
    })
    if (retry) {
      item.retryCount += 1
      item.moveTo('restarting')
      this.proceed(item)
    } else if (failure.responseStarted) this.#giveUp(item, failure.error)
    else this.#answerInSpite(item, failure.error)
  }

  connectionFailed(item: MessageQueueItem, error: Error): void {
    if (item.state === 'connecting') this.#answerInSpite(item, error)
  }

  /** The server cannot be reached: a feature may have an answer all the same. */
  #answerInSpite(item: MessageQueueItem, error: Error): void {
    const { requestFailed } = this.features
    if (requestFailed.length === 0 || !wantsAnswer(item)) return this.#giveUp(item, error)
    item.moveTo('answering')
    try {
      const given = askInSpite(requestFailed, item.message, error)
      if (given instanceof Promise) this.#awaitAnswer(item, given, () => this.#giveUp(item, error))
      else if (given === null) this.#giveUp(item, error)
      else this.responses.deliverStored(item, given)
    } catch (thrown) {
      this.fail(item, thrown as Error)
    }
  }

  #giveUp(item: MessageQueueItem, error: Error): void {
    item.error = error
    item.moveTo('finishing')
    this.proceed(item)
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
    else if (state === 'delivering') item.storedBody?.destroy(error)
    this.proceed(item)
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

  keep(connection: Connection): void {
    this.#connections.keep(connection)
  }

  priorityChanged(item: MessageQueueItem): void {
    if (item.state === 'connecting') this.#connections.priorityChanged(item)
  }

  wrapInput(message: Message, body: Readable, fromWire: boolean): Readable | Promise<Readable> {
    return wrapInput(this.features.wrapInput, message, body, fromWire)
  }

  #finish(item: MessageQueueItem): void {
    const { message, messageState, signal, keptConnection } = item
    signal?.removeEventListener('abort', item)
    if (keptConnection !== null) this.#connections.releaseKept(keptConnection)
    this.#remove(item)
    messageState.item = null
    item.moveTo('finished')
    if (messageChannel.hasSubscribers) publishMessage('finished', item)
    for (const feature of this.features.requestUnqueued) {
      if (!message.isFeatureDisabled(feature)) tellUnqueued(item, feature)
    }
    if (item.isAnnounced) tellUnqueued(item, this.#sessionListeners)
    tellUnqueued(item, messageListeners)
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

/** Told last, as if they were features. */
const messageListeners: FeatureWith<'requestUnqueued'> = {
  requestUnqueued: (message) => {
    message.emit('finished')
  },
}

/** Whoever throws fails the message, and keeps nobody else from being told. */
function tellUnqueued(item: MessageQueueItem, told: FeatureWith<'requestUnqueued'>): void {
  try {
    told.requestUnqueued(item.message)
  } catch (error) {
    item.error ??= error as Error
  }
}

/** A response is wanted, rather than a connection. */
function wantsAnswer(item: MessageQueueItem): boolean {
  const { kind } = item.delivery.sink
  return kind === 'bytes' || kind === 'stream'
}
