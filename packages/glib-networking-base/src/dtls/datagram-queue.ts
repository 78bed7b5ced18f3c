// One peer's datagrams on their way to whoever receives them: kept, up to a bound, until somebody does.
// What every DatagramBased is made with.

import type { DatagramReceiver } from './datagram-based.ts'

/** Datagrams that wait for a receiver; more are dropped, as a network does. */
const MAXIMUM_WAITING_DATAGRAMS = 64

/** The receiving half of a {@link DatagramBased}. */
export class DatagramQueue {
  #waiting: Buffer[] = []
  #receiver: DatagramReceiver | null = null
  #error: Error | null = null
  #closed = false

  /** Nothing is delivered any more. */
  get closed(): boolean {
    return this.#closed
  }

  /** Hands one datagram on, or keeps it. */
  deliver(datagram: Buffer): void {
    if (this.#closed) return
    if (this.#receiver) this.#receiver.onDatagram(datagram)
    else if (this.#waiting.length < MAXIMUM_WAITING_DATAGRAMS) this.#waiting.push(datagram)
  }

  /** Tells the receiver, or the one that comes, that this was all, and with `error` why; only the first call counts. */
  close(error: Error | null = null): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    if (error) this.#waiting = []
    this.#tellEnd()
  }

  /** See {@link DatagramBased.receive}. */
  receive(receiver: DatagramReceiver): void {
    this.#receiver = receiver
    for (const datagram of this.#waiting.splice(0)) receiver.onDatagram(datagram)
    if (this.#closed) this.#tellEnd()
  }

  #tellEnd(): void {
    if (this.#error) this.#receiver?.onError(this.#error)
    this.#receiver?.onClose()
  }
}
