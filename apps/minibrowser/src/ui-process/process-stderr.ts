// What a child writes to its stderr: kept, bounded, as the reason in case it dies, and passed on line by line when
// tracing. The WebProcess is hostile, so its lines are made safe for a terminal first.

import type { Readable } from 'node:stream'
import { FATAL_PREFIX } from '../process-exit.ts'
import { sanitizeText } from '../output/terminal-text.ts'

const MAX_LINE_CHARACTERS = 2_000
const KEPT_LINES = 20

export class ProcessStderr {
  readonly #lines: string[] = []
  readonly #onLine: ((line: string) => void) | null
  #partial = ''

  /** @param onLine Called with every complete line, sanitized and cut to 2,000 characters. */
  constructor(stream: Readable, onLine: ((line: string) => void) | null = null) {
    this.#onLine = onLine
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      this.#receive(chunk)
    })
    stream.on('end', () => {
      this.#line(this.#partial)
      this.#partial = ''
    })
    // The pipe breaks when the process dies; that is told by its exit.
    stream.on('error', () => {})
  }

  /** The line in which the process said why it ends, as written by `exitOnUncaughtErrors`, or `null`. */
  get fatalReason(): string | null {
    const line = this.#lines.findLast((candidate) => candidate.startsWith(FATAL_PREFIX))
    return line === undefined ? null : line.slice(FATAL_PREFIX.length)
  }

  #receive(chunk: string): void {
    const parts = (this.#partial + chunk).split('\n')
    this.#partial = (parts.pop() ?? '').slice(0, MAX_LINE_CHARACTERS)
    for (const part of parts) this.#line(part)
  }

  #line(raw: string): void {
    const line = sanitizeText(raw.slice(0, MAX_LINE_CHARACTERS)).trimEnd()
    if (line === '') return
    this.#lines.push(line)
    if (this.#lines.length > KEPT_LINES) this.#lines.shift()
    this.#onLine?.(line)
  }
}
