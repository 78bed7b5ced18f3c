// Pings that keep a connection from being taken for dead, and the watch for their pongs. One per WebsocketConnection.
// Upstream: libsoup/websocket/soup-websocket-connection.c. RFC 6455 sections 5.5.2 and 5.5.3.

// Upstream's payload: a pong that begins like this answers one of these pings.
const PREFIX = 'libsoup-keepalive-'

export interface KeepaliveActions {
  sendPing(payload: Buffer): void
  /** A pong did not come in time. */
  pongMissing(): void
}

/** Times are in seconds, 0 is off. */
export class Keepalive {
  readonly #actions: KeepaliveActions
  readonly #awaited = new Map<string, NodeJS.Timeout>()
  #interval = 0
  #pongTimeout = 0
  #sent = 0
  #timer: NodeJS.Timeout | null = null

  constructor(actions: KeepaliveActions) {
    this.#actions = actions
  }

  get interval(): number {
    return this.#interval
  }

  set interval(seconds: number) {
    if (seconds === this.#interval) return
    this.#interval = seconds
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = seconds > 0 ? setInterval(() => this.#ping(), seconds * 1000).unref() : null
  }

  get pongTimeout(): number {
    return this.#pongTimeout
  }

  set pongTimeout(seconds: number) {
    this.#pongTimeout = seconds
    if (seconds === 0) this.#forget()
  }

  pongCame(payload: Buffer): void {
    if (this.#awaited.size === 0) return
    const key = payload.toString('latin1')
    clearTimeout(this.#awaited.get(key))
    this.#awaited.delete(key)
  }

  /** Ends it for good. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#forget()
  }

  #ping(): void {
    this.#sent++
    const key = PREFIX + this.#sent
    this.#actions.sendPing(Buffer.from(key, 'latin1'))
    if (this.#pongTimeout === 0) return
    this.#awaited.set(key, setTimeout(() => this.#actions.pongMissing(), this.#pongTimeout * 1000).unref())
  }

  #forget(): void {
    for (const timer of this.#awaited.values()) clearTimeout(timer)
    this.#awaited.clear()
  }
}
