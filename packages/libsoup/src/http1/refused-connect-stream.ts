// A response to CONNECT that opens no tunnel, put before the parser once more: undici takes every answer to CONNECT for
// the beginning of a tunnel and leaves its body unread (RFC 9110 section 9.3.6 has only 2xx begin one). This stream stands
// in for the connection while undici reads the recorded response as that to a GET, whose request goes nowhere.
// Made by ClientMessageIOHTTP1 for that one response.

import { Duplex } from 'node:stream'

export class RefusedConnectStream extends Duplex {
  readonly #stream: Duplex
  #recorded: Buffer | null
  #detached = false
  readonly #onReadable = (): void => this.#pull()
  readonly #onEnd = (): void => void this.push(null)
  readonly #onClose = (): void => void this.destroy(this.#stream.errored ?? undefined)

  /** @param recorded What was read from `stream` of the response; not in `stream` any more. */
  constructor(stream: Duplex, recorded: Buffer) {
    super()
    this.#stream = stream
    this.#recorded = recorded
    stream.on('readable', this.#onReadable).once('end', this.#onEnd).once('close', this.#onClose)
    this.on('error', () => undefined)
  }

  /** The response is read: `stream` may be used by itself again, this one must not any more. */
  detach(): void {
    this.#detached = true
    this.#stream.off('readable', this.#onReadable).off('end', this.#onEnd).off('close', this.#onClose)
    this.destroy()
  }

  override _read(): void {
    this.#pull()
  }

  /** Takes the head of the GET; only now may the response be read, for undici takes one that comes before for an error. */
  override _write(_chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    const recorded = this.#recorded
    this.#recorded = null
    if (recorded !== null) this.push(recorded)
    this.#pull()
    callback()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#detached) this.#stream.destroy()
    callback(error)
  }

  #pull(): void {
    if (this.#recorded !== null || this.#detached) return
    const chunk = this.#stream.read() as Buffer | null
    if (chunk !== null) this.push(chunk)
  }
}
