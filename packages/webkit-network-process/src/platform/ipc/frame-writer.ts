// The sending half of a connection: gathers the frames of one turn of the event loop and gives them to the stream together.
// Small ones are joined into one buffer, because each buffer of a vectored write costs more than copying a few hundred bytes;
// bodies go by reference. Called by Connection. Upstream: WebKit/Platform/IPC/unix/ConnectionUnix.cpp (sendOutgoingMessage).
import type { Duplex } from 'node:stream'

export interface FrameWriterClient {
  /** Called with the new sum whenever more was queued. */
  didQueue(unsentBytes: number): void
  /** What made the writer congested has left. */
  didDrain(): void
}

/** Bodies smaller than this are joined with the frames around them. */
const JOINED_BODY_BYTES = 8 * 1024
/** Bytes after which the turn's end is not waited for. */
const FLUSH_AT_BYTES = 256 * 1024

export class FrameWriter {
  readonly #stream: Duplex
  readonly #client: FrameWriterClient
  readonly #congestedBytes: number
  /** In order; runs of small frames are joined when flushed. */
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #flushIsDue = false
  #isStopped = false
  #wasCongested = false

  constructor(stream: Duplex, congestedBytes: number, client: FrameWriterClient) {
    this.#stream = stream
    this.#congestedBytes = congestedBytes
    this.#client = client
    stream.on('drain', () => {
      if (!this.#wasCongested || this.isCongested) return
      this.#wasCongested = false
      client.didDrain()
    })
  }

  get unsentBytes(): number {
    return this.#queuedBytes + this.#stream.writableLength
  }

  get isCongested(): boolean {
    return this.unsentBytes >= this.#congestedBytes
  }

  /** Queues a whole frame. */
  write(frame: Uint8Array): void {
    this.#queue.push(frame)
    this.#didQueue(frame.length)
  }

  /** Queues a frame whose header and body are apart; the body is not copied unless it is small. */
  writeWithBody(header: Uint8Array, body: Uint8Array): void {
    this.#queue.push(header, body)
    this.#didQueue(header.length + body.length)
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.#isStopped = true
    this.#queue = []
    this.#queuedBytes = 0
  }

  /** Gives the stream what is queued, in as few writes as it can. */
  flush(): void {
    const queue = this.#queue
    if (queue.length === 0 || this.#isStopped) return
    this.#queue = []
    this.#queuedBytes = 0
    if (queue.length === 1) {
      this.#stream.write(queue[0])
      return
    }
    this.#stream.cork()
    let first = 0
    for (let index = 0; index < queue.length; index++) {
      if ((queue[index] as Uint8Array).length < JOINED_BODY_BYTES) continue
      this.#writeJoined(queue, first, index)
      this.#stream.write(queue[index])
      first = index + 1
    }
    this.#writeJoined(queue, first, queue.length)
    this.#stream.uncork()
  }

  #writeJoined(queue: readonly Uint8Array[], first: number, end: number): void {
    if (first === end) return
    this.#stream.write(end - first === 1 ? queue[first] : Buffer.concat(queue.slice(first, end)))
  }

  #didQueue(bytes: number): void {
    this.#queuedBytes += bytes
    if (this.#queuedBytes >= FLUSH_AT_BYTES) {
      this.flush()
    } else if (!this.#flushIsDue) {
      this.#flushIsDue = true
      setImmediate(() => {
        this.#flushIsDue = false
        this.flush()
      })
    }
    const { unsentBytes } = this
    if (unsentBytes >= this.#congestedBytes) this.#wasCongested = true
    this.#client.didQueue(unsentBytes)
  }
}
