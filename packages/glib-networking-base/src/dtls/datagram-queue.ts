// One peer's datagrams on their way to whoever receives them: kept, up to a bound, until somebody does.
// Used by DatagramSocket and DtlsListener.

import type { DatagramReceiver } from '@wpe-networking/glib-networking-base'

/** Datagrams that wait for a receiver; more are dropped, as a network does. */
const MAXIMUM_WAITING_DATAGRAMS = 64

export class DatagramQueue {
  #waiting: Buffer[] = []
  #receiver: DatagramReceiver | null = null
  #error: Error | null = null
  #closed = false

  get closed(): boolean {
    return this.#closed
  }

  deliver(datagram: Buffer): void {
    if (this.#receiver) this.#receiver.onDatagram(datagram)
    else if (this.#waiting.length < MAXIMUM_WAITING_DATAGRAMS) this.#waiting.push(datagram)
  }

  /** Tells the receiver, or the one that comes, and closes. */
  fail(error: Error): void {
    if (this.#closed) return
    this.#error = error
    this.#receiver?.onError(error)
    this.close()
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiting = []
    this.#receiver?.onClose()
  }

  /** What came before is delivered first. */
  receive(receiver: DatagramReceiver): void {
    this.#receiver = receiver
    for (const datagram of this.#waiting.splice(0)) receiver.onDatagram(datagram)
    if (!this.#closed) return
    if (this.#error) receiver.onError(this.#error)
    receiver.onClose()
  }
}
