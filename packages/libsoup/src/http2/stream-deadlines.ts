// Notices which streams of a connection have been silent for too long: one timer for all of them, since one for each
// would be much of what a small request costs. Used by ClientMessageIOHTTP2.

/** What may be silent. */
export interface SilentStream {
  /** When the server was heard last, by `performance.now()`; null while nothing is expected of it. */
  readonly silentSince: number | null
  silentTooLong(): void
}

export class StreamDeadlines {
  readonly #timeoutMs: number
  readonly #streams: readonly SilentStream[]
  #timer: NodeJS.Timeout | null = null

  /**
   * @param timeoutMs Longest silence; 0 never notices.
   * @param streams The live list of the connection's streams.
   */
  constructor(timeoutMs: number, streams: readonly SilentStream[]) {
    this.#timeoutMs = timeoutMs
    this.#streams = streams
  }

  /** There is a stream now. */
  watch(): void {
    if (this.#timeoutMs > 0 && this.#timer === null) this.#checkIn(this.#timeoutMs)
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #checkIn(ms: number): void {
    this.#timer = setTimeout(this.#check, ms).unref()
  }

  /** Ends what is due, and comes back when the next may be; not at all while there is no stream. */
  readonly #check = (): void => {
    this.#timer = null
    const now = performance.now()
    let next = this.#timeoutMs
    for (const stream of [...this.#streams]) {
      const { silentSince } = stream
      if (silentSince === null) continue
      const left = silentSince + this.#timeoutMs - now
      if (left <= 0) stream.silentTooLong()
      else next = Math.min(next, left)
    }
    if (this.#streams.length > 0) this.#checkIn(Math.ceil(next))
  }
}
