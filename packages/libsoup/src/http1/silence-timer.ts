// Notices when a server has been silent for too long; to the millisecond, where undici's own timeouts are to the second.
// Used by ClientMessageIOHTTP1 and ContinueExchange.

export class SilenceTimer {
  readonly #ms: number
  readonly #onSilence: () => void
  #timer: NodeJS.Timeout | null = null
  #running = false

  /** @param ms 0 never notices. */
  constructor(ms: number, onSilence: () => void) {
    this.#ms = ms
    this.#onSilence = onSilence
  }

  /** Something was heard, or is to be from now on. */
  restart(): void {
    if (this.#ms === 0) return
    this.#running = true
    // One timer for the life of a connection: setting it anew costs a tenth of making one.
    if (this.#timer === null) this.#timer = setTimeout(this.#fire, this.#ms).unref()
    else this.#timer.refresh()
  }

  /** As `restart`, while it runs; what comes after `stop` does not start it. */
  heard(): void {
    if (this.#running) this.#timer?.refresh()
  }

  /** Nothing is awaited. */
  stop(): void {
    this.#running = false
  }

  /** For good. */
  close(): void {
    this.#running = false
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  readonly #fire = (): void => {
    if (!this.#running) return
    this.#running = false
    this.#onSilence()
  }
}
