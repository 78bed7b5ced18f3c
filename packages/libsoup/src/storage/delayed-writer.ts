// Gathers changes for a while before they are written, so that a burst of responses costs one write. Owned by the cookie
// jars and the HSTS enforcer that have files.

/** From the first change to the write, in milliseconds. */
const DELAY = 500
/** A write that takes long is followed by a pause this many times as long, so that writing never takes over. */
const PAUSE_FACTOR = 20
const MAX_DELAY = 30_000
/** From a write that failed to the next attempt, in milliseconds. */
const RETRY_DELAY = 5000

export interface DelayedWriterClient {
  /** Writes what there is to write; throws if it could not. */
  writeNow(): void
  /** A write in the background threw. */
  writeFailed(error: Error): void
}

export class DelayedWriter {
  readonly #client: DelayedWriterClient
  #timer: NodeJS.Timeout | null = null
  #delay = DELAY

  constructor(client: DelayedWriterClient) {
    this.#client = client
  }

  /** Something changed. The process stays until it is written. */
  schedule(): void {
    this.#timer ??= setTimeout(this.#inBackground, this.#delay)
    this.#timer.ref()
  }

  /** Writes now. What `writeNow` throws is thrown; it is then tried again later, if the process still lives. */
  flush(): void {
    this.cancel()
    const start = performance.now()
    try {
      this.#client.writeNow()
    } catch (error) {
      this.#timer = setTimeout(this.#inBackground, RETRY_DELAY).unref()
      throw error
    }
    this.#delay = Math.min(Math.max(DELAY, (performance.now() - start) * PAUSE_FACTOR), MAX_DELAY)
  }

  /** Writes now; what it throws goes to `writeFailed`. */
  flushOrReport(): void {
    try {
      this.flush()
    } catch (error) {
      this.#client.writeFailed(error as Error)
    }
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  readonly #inBackground = (): void => {
    this.flushOrReport()
  }
}
