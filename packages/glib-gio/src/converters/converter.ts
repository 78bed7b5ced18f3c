// What turns one sequence of bytes into another. Upstream: glib/gio/gconverter.c.

import { addAbortSignal } from 'node:stream'
import type { Transform } from 'node:stream'
import { IOError } from '../io-error.ts'

/** The Transform of a converter; its errors are `IOError`s. */
export interface ConverterTransform extends Transform {
  /** Hands on all that was written so far, though it be at a cost in size. Not every converter can. */
  flushPending?(): Promise<void>
}

/** Upstream's loop around `convert()` is a node Transform here: one per stream, so there is nothing to reset. */
export interface Converter {
  /** A Transform for one stream, which belongs to the caller. */
  createTransform(): ConverterTransform
  /**
   * Converts `bytes` as a whole.
   *
   * @throws {IOError} `INVALID_DATA`, `PARTIAL_INPUT`, `MESSAGE_TOO_LARGE`, `CANCELLED`.
   */
  convertBytes(bytes: Uint8Array, options?: { signal?: AbortSignal | undefined }): Promise<Buffer>
}

/** Runs `bytes` through `transform`. For the implementations of {@link Converter.convertBytes}. */
export async function convertWith(
  transform: Transform,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  if (signal) addAbortSignal(signal, transform)
  transform.end(bytes)
  try {
    for await (const chunk of transform) chunks.push(chunk as Buffer)
  } catch (error) {
    throw signal?.aborted ? IOError.cancelled(signal) : error
  }
  return Buffer.concat(chunks)
}
