// Has V8 let go of the buffers of bodies that passed through, in time. Each read from a socket is a new buffer of 64 KiB outside
// V8's heap, dead a moment later; the little that is allocated inside the heap does not make V8 look for a long while, and
// when it does, after some 80 MB, it collects everything. A collection of the young generation alone costs a fraction of a
// millisecond. Told by Connection, on both sides; no counterpart upstream.

/** Bytes of body between two collections. */
const STEP_BYTES = 16 * 1024 * 1024

/** Node's `gc`, present when the process was started with `--expose-gc`. */
const { gc } = globalThis as { gc?: (options: { readonly type: 'minor' }) => void }

export class BodyBufferCollector {
  #passedBytes = 0

  /** `bytes` of a body went through. Without `--expose-gc` V8 is left to itself. */
  didPass(bytes: number): void {
    this.#passedBytes += bytes
    if (this.#passedBytes < STEP_BYTES) return
    this.#passedBytes = 0
    gc?.({ type: 'minor' })
  }
}
