// Lets so many tasks run at a time and the others wait their turn. Used by DnsClient.

import { IOError } from '../io-error.ts'

export class Slots {
  #free: number
  /** First come, first served. */
  readonly #waiting = new Set<() => void>()

  constructor(count: number) {
    this.#free = count
  }

  /**
   * Runs `task` when there is a slot for it.
   *
   * @throws {IOError} `CANCELLED` when `signal` is aborted before; then `task` is not run. What `task` throws.
   */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    IOError.throwIfCancelled(signal)
    if (this.#free > 0) this.#free--
    else await this.#turn(signal)
    try {
      return await task()
    } finally {
      this.#release()
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = (): void => {
        this.#waiting.delete(start)
        reject(IOError.cancelled(signal))
      }
      this.#waiting.add(start)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Hands the slot to who waits longest. */
  #release(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
