// Ends a load that hears nothing for too long. Used by NetworkDataTaskSoup.
// Upstream: WebKit/NetworkProcess/soup/NetworkDataTaskSoup.cpp (startTimeout, stopTimeout, timeoutFired).

export class InactivityTimer {
  readonly #delayMs: number
  readonly #fired: () => void
  #timer: NodeJS.Timeout | null = null

  /** @param timeoutInterval Seconds of silence allowed; 0 never fires. */
  constructor(timeoutInterval: number, fired: () => void) {
    this.#delayMs = timeoutInterval * 1000
    this.#fired = fired
  }

  start(): void {
    if (this.#delayMs === 0 || this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#fired()
    }, this.#delayMs)
  }

  /** Something was heard. Does nothing while stopped. */
  restart(): void {
    this.#timer?.refresh()
  }

  stop(): void {
    if (!this.#timer) return
    clearTimeout(this.#timer)
    this.#timer = null
  }
}
