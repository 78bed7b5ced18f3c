// What a session does with a response: lets features see its head and say what becomes of it, then delivers it, throws it
// away or puts another in its place. Called by MessageQueueItem when the wire has news. Upstream: libsoup/soup-session.c
// (got_headers and got_body handlers), soup-session-feature.c.

import type { Duplex, Readable } from 'node:stream'
import type { Connection } from '../connection/connection.ts'
import { messageChannel, publishMessage } from '../diagnostics.ts'
import type { Message } from '../message/message.ts'
import { reviewResponse } from './feature-hooks.ts'
import type { FeatureList } from './feature-list.ts'
import type { MessageQueueItem, ResponseFate } from './message-queue-item.ts'
import { wouldRedirect } from './redirect.ts'
import type { StoredResponse } from './session-feature.ts'

/** What it needs of the queue. */
export interface ResponseDriverOwner {
  readonly features: FeatureList
  /** Takes `item` on from the state it was moved to. */
  proceed(item: MessageQueueItem): void
  fail(item: MessageQueueItem, error: Error): void
  /** The reader of the body has gone. */
  abandoned(item: MessageQueueItem): void
  /** Keeps a connection from others until its message goes over it again. */
  keep(connection: Connection): void
}

export class ResponseDriver {
  readonly #owner: ResponseDriverOwner

  constructor(owner: ResponseDriverOwner) {
    this.#owner = owner
  }

  gotInformational(item: MessageQueueItem): void {
    const { message } = item
    try {
      for (const feature of this.#owner.features.gotInformational) {
        if (!message.isFeatureDisabled(feature)) feature.gotInformational(message)
      }
      message.emit('got-informational')
    } catch (error) {
      this.#owner.fail(item, error as Error)
    }
  }

  /** The final response's head is in: features say what becomes of it. */
  gotHeaders(item: MessageQueueItem): void {
    const { message } = item
    if (messageChannel.hasSubscribers) publishMessage('got-headers', item)
    try {
      this.#tellHeaders(message)
      if (item.state !== 'running') return // a feature cancelled it
      if (wouldRedirect(message)) this.#decide(item, 'redirect')
      else if (this.#owner.features.reviewResponse.length === 0) this.#decide(item, 'deliver')
      else this.#review(item)
    } catch (error) {
      this.#owner.fail(item, error as Error)
    }
  }

  #tellHeaders(message: Message): void {
    for (const feature of this.#owner.features.gotHeaders) {
      if (!message.isFeatureDisabled(feature)) feature.gotHeaders(message)
    }
  }

  #review(item: MessageQueueItem): void {
    const verdict = reviewResponse(this.#owner.features.reviewResponse, item.message)
    if (!(verdict instanceof Promise)) {
      this.#decide(item, verdict)
      return
    }
    const { attempt } = item
    item.pauseBody()
    verdict.then(
      (late) => {
        if (item.attempt !== attempt || item.state !== 'running') return destroyStored(late)
        item.resumeBody()
        this.#decide(item, late)
      },
      (error: unknown) => {
        if (item.attempt === attempt) this.#owner.fail(item, error as Error)
      },
    )
  }

  /** Settles what becomes of the response, now that its head is in; its body may be over already. */
  #decide(item: MessageQueueItem, fate: ResponseFate): void {
    const { message, messageState } = item
    // What cannot be sent again is the caller's to deal with.
    const settled = isResend(fate) && !(message.requestBody?.isRestartable ?? true) ? 'deliver' : fate
    if (typeof settled === 'object') messageState.setResponse(settled.statusCode, settled.reasonPhrase, settled.headers)
    try {
      message.emit('got-headers')
      if (item.state !== 'running') return destroyStored(settled) // a listener cancelled it
      item.fate = settled
      if (settled === 'deliver') item.acceptBody()
      else item.delivery.discard()
    } catch (error) {
      destroyStored(settled)
      this.#owner.fail(item, error as Error)
      return
    }
    if (item.responseEnded) this.#responseOver(item)
  }

  /** The response is whole; it waits for its fate if that is not decided. */
  gotBody(item: MessageQueueItem): void {
    item.responseEnded = true
    if (item.fate !== null) this.#responseOver(item)
  }

  /** So long a body that nobody wants comes that a new connection is cheaper than reading it. */
  discardedEnough(item: MessageQueueItem): void {
    item.connection?.io?.cancel(item)
    this.gotBody(item)
  }

  #responseOver(item: MessageQueueItem): void {
    const { fate, connection } = item
    if (item.state !== 'running') return
    if (fate !== null && typeof fate === 'object') {
      this.deliverStored(item, fate)
      return
    }
    if (!this.#emitGotBody(item)) return
    if (fate === 'deliver') {
      item.moveTo('finishing')
      this.#owner.proceed(item)
      return
    }
    if (fate === 'resend-same-connection' && connection !== null) {
      item.keptConnection = connection
      this.#owner.keep(connection)
    }
    item.moveTo('restarting')
    // The connection reports in a microtask that it is free again; what is sent to the same host should find it.
    queueMicrotask(() => this.#owner.proceed(item))
  }

  #emitGotBody(item: MessageQueueItem): boolean {
    const { state } = item
    try {
      item.message.emit('got-body')
    } catch (error) {
      this.#owner.fail(item, error as Error)
    }
    return item.state === state
  }

  /** Delivers a response that does not come from the wire. */
  deliverStored(item: MessageQueueItem, stored: StoredResponse): void {
    const { body } = stored
    const isAnswer = item.fate === null
    item.moveTo('delivering')
    item.messageState.setResponse(stored.statusCode, stored.reasonPhrase, stored.headers)
    if (item.delivery.sink.kind === 'upgrade') {
      destroyBody(body) // only the head of what is no upgrade is told
      if (!this.#emitGotBody(item)) return
      item.moveTo('finishing')
      this.#owner.proceed(item)
      return
    }
    body.once('error', (error: Error) => this.#owner.fail(item, error))
    body.once('end', () => {
      if (item.state !== 'delivering' || !this.#emitGotBody(item)) return
      item.moveTo('finishing')
      this.#owner.proceed(item)
    })
    body.once('close', () => this.#owner.abandoned(item)) // unless it has ended
    try {
      if (isAnswer) item.message.emit('got-headers')
      if (item.state === 'delivering') item.acceptStoredBody(body)
      else destroyBody(body)
    } catch (error) {
      body.destroy()
      this.#owner.fail(item, error as Error)
    }
  }

  /** The connection is the caller's now. */
  upgraded(item: MessageQueueItem, stream: Duplex): void {
    const { message } = item
    try {
      this.#tellHeaders(message)
      message.emit(message.statusCode < 200 ? 'got-informational' : 'got-headers')
    } catch (error) {
      this.#owner.fail(item, error as Error)
    }
    if (item.state !== 'running') {
      stream.destroy() // cancelled while it was told
      return
    }
    item.delivery.acceptUpgrade(stream)
    item.moveTo('finishing')
    this.#owner.proceed(item)
  }
}

function isResend(fate: ResponseFate): boolean {
  return fate === 'resend' || fate === 'resend-same-connection'
}

/** A stored response that nobody is going to read. */
function destroyStored(fate: ResponseFate): void {
  if (typeof fate === 'object') destroyBody(fate.body)
}

/** Throws a body away that nobody listens to; that it fails meanwhile is of no interest. */
export function destroyBody(body: Readable): void {
  body.on('error', ignore).destroy()
}

function ignore(): void {
  // Nobody reads it.
}
