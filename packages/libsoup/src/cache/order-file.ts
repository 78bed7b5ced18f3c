// The file in which a DiskStore writes down its entries in the order of their last use, with their sizes. It is a hint: it
// spares the next start a look at every file, and nothing is believed to exist because it is in here. Called by DiskStore.

import { crc32 } from 'node:zlib'
import { STEM } from './disk-directory.ts'

/** A line for each of a million entries. */
export const MAX_ORDER_BYTES = 64 * 1024 * 1024

const TITLE = 'WPEORDER1'

/** From the one used least recently. */
export function formatOrder(entries: Iterable<readonly [stem: string, bytes: number]>): Buffer {
  const lines: string[] = []
  for (const [stem, bytes] of entries) lines.push(`${stem} ${bytes}\n`)
  const text = lines.join('')
  return Buffer.from(`${TITLE} ${crc32(text)}\n${text}`)
}

/** Sizes by stem, from the one used least recently; empty when the file is missing or damaged. */
export function parseOrder(file: Buffer | null): Map<string, number> {
  const order = new Map<string, number>()
  const lineEnd = file?.indexOf('\n') ?? -1
  if (file === null || lineEnd < 0) return order
  const rest = file.subarray(lineEnd + 1)
  if (file.toString('latin1', 0, lineEnd) !== `${TITLE} ${crc32(rest)}`) return order
  for (const line of rest.toString('latin1').split('\n')) {
    const [stem = '', bytes = ''] = line.split(' ')
    if (STEM.test(stem) && /^\d{1,15}$/.test(bytes)) order.set(stem, Number(bytes))
  }
  return order
}
