// Looks at the first bytes of a body without taking them from its reader. Called by ContentSniffer.
// Upstream: read_and_sniff of libsoup/content-sniffer/soup-content-sniffer-stream.c.

import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'

export interface PeekedBody {
  readonly header: Buffer
  /** All of the body, from the first byte on: the same stream, or one that gives the same. */
  readonly body: Readable
}

/**
 * Waits until `isEnough` says so of the first bytes, the body ends, or `maxWait` milliseconds have passed. An error of the
 * body rejects the promise when nothing came before it; else it comes to the reader, behind what did come.
 */
export function peekBody(body: Readable, isEnough: (header: Buffer) => boolean, maxWait: number): Promise<PeekedBody> {
  return new Promise((resolve, reject) => {
    let header: Buffer = Buffer.alloc(0)
    const timer = setTimeout(giveBack, maxWait)
    body.on('readable', read).once('end', ended).on('error', failed).once('close', closed)

    function read(): void {
      for (let chunk = body.read() as Buffer | null; chunk !== null; chunk = body.read() as Buffer | null) {
        header = header.length === 0 ? chunk : Buffer.concat([header, chunk])
        if (isEnough(header)) return giveBack()
      }
    }

    function giveBack(): void {
      stop()
      if (header.length > 0) body.unshift(header)
      resolve({ header, body })
    }

    function ended(): void {
      stop()
      resolve({ header, body: new ReplayedBody(header, null) })
    }

    /** Stays a listener: until the reader has come, an error must not be thrown at nobody. */
    function failed(error: Error): void {
      if (!stop()) return
      if (header.length === 0) reject(error)
      else resolve({ header, body: new ReplayedBody(header, error) })
    }

    function closed(): void {
      failed(new Error('The body was closed before its end.'))
    }

    function stop(): boolean {
      const waiting = body.listeners('readable').includes(read)
      clearTimeout(timer)
      body.off('readable', read).off('end', ended).off('close', closed)
      return waiting
    }
  })
}

/** What came of a body that is over. */
class ReplayedBody extends Readable {
  #header: Buffer | null
  readonly #error: Error | null

  constructor(header: Buffer, error: Error | null) {
    super()
    this.#header = header
    this.#error = error
  }

  override _read(): void {
    const header = this.#header
    this.#header = null
    if (header !== null && header.length > 0) this.push(header)
    else if (this.#error === null) this.push(null)
    else this.destroy(this.#error)
  }
}
