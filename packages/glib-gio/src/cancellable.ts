// GCancellable's face on an AbortSignal. Used by callers that come from GIO; this package itself only knows signals.
// Upstream: glib/gio/gcancellable.c.

import { EventEmitter } from 'node:events'
import { IOError } from './io-error.ts'

/** The signals of a {@link Cancellable}. */
export interface CancellableEvents {
  /** It was cancelled; comes once. */
  cancelled: []
}

/**
 * Has a `signal`, so it can stand wherever options with one are taken: `client.connect(address, cancellable)`. Use one
 * for one operation, or for several that end together; it cannot be used again after it was cancelled.
 */
export class Cancellable extends EventEmitter<CancellableEvents> {
  readonly #own = new AbortController()
  #signal: AbortSignal = this.#own.signal
  readonly #onAbort = (): void => void this.emit('cancelled')

  constructor() {
    super()
    // Only while somebody listens: a listener would keep this object for as long as the signal it follows.
    this.on('newListener', (event) => {
      if (event === 'cancelled') this.#signal.addEventListener('abort', this.#onAbort, { once: true })
    })
    this.on('removeListener', (event) => {
      if (event !== 'cancelled' || this.listenerCount('cancelled') > 0) return
      this.#signal.removeEventListener('abort', this.#onAbort)
    })
  }

  /** One that is cancelled when `signal` is aborted, with its reason; the other way round nothing happens. */
  static fromSignal(signal: AbortSignal): Cancellable {
    const cancellable = new Cancellable()
    cancellable.#signal = AbortSignal.any([signal, cancellable.#own.signal])
    return cancellable
  }

  /** For everything that takes an AbortSignal. */
  get signal(): AbortSignal {
    return this.#signal
  }

  get isCancelled(): boolean {
    return this.#signal.aborted
  }

  /** @param reason Becomes the `cause` of the `CANCELLED` errors. A second call has no effect. */
  cancel(reason?: unknown): void {
    this.#own.abort(reason)
  }

  /**
   * Calls `callback` once when it is cancelled: at once, if it has been already.
   *
   * @returns Takes the callback off again.
   */
  connect(callback: () => void): () => void {
    if (this.isCancelled) {
      callback()
      return () => undefined
    }
    this.once('cancelled', callback)
    return () => void this.off('cancelled', callback)
  }

  /** @throws {IOError} `CANCELLED`, if it was. Upstream: g_cancellable_set_error_if_cancelled. */
  throwIfCancelled(): void {
    IOError.throwIfCancelled(this.#signal)
  }
}
