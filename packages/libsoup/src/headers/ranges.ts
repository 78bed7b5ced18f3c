// `Range` and `Content-Range` of the unit bytes, RFC 9110 section 14. Called by MessageHeaders and by the server.
// Upstream: the range functions of libsoup/soup-message-headers.c.

import { headerParseList, trimmed } from './header-params.ts'

/**
 * Part of a body, in bytes, both ends included. In a request an `end` of -1 means up to the last byte, and a negative
 * `start` (with `end` -1) that many of the last bytes.
 */
export interface Range {
  readonly start: number
  readonly end: number
}

/** What a `Content-Range` says; `totalLength` is -1 where the sender does not know it. */
export interface ContentRange extends Range {
  readonly totalLength: number
}

/** What became of a `Range`: to be ignored (200), taken (206), or beyond the end (416). */
export type RangeVerdict =
  { readonly status: 200 | 416; readonly ranges: null } | { readonly status: 206; readonly ranges: readonly Range[] }

/** Ranges of one request that are taken; more are somebody's attempt to make the server work (RFC 9110 section 17.15). */
const MAX_RANGES = 200

const IGNORED: RangeVerdict = { status: 200, ranges: null }

/**
 * Judges the value of a `Range` for a body of `totalLength` bytes. Ranges come sorted, cut at the end of the body, and
 * joined where they overlap. Malformed ranges are ignored, and so is a field with more than 200.
 */
export function parseRange(value: string, totalLength: number): RangeVerdict {
  const equals = value.indexOf('=')
  if (equals < 0 || trimmed(value, 0, equals).toLowerCase() !== 'bytes') return IGNORED
  const specs = headerParseList(value.slice(equals + 1))
  if (specs.length === 0 || specs.length > MAX_RANGES) return IGNORED
  const ranges: Range[] = []
  let allValid = true
  for (const spec of specs) {
    const range = parseSpec(spec, totalLength)
    if (range === null) allValid = false
    else if (range.start < totalLength) ranges.push({ start: range.start, end: Math.min(range.end, totalLength - 1) })
  }
  if (ranges.length > 0) return { status: 206, ranges: joined(ranges) }
  return allValid ? { status: 416, ranges: null } : IGNORED
}

/** @throws {RangeError} For no ranges at all, and numbers that are none of a range. */
export function formatRange(ranges: readonly Range[]): string {
  if (ranges.length === 0) throw new RangeError('A Range header needs at least one range.')
  return `bytes=${ranges.map(formatSpec).join(',')}`
}

/** Null when `value` is malformed or contradicts itself. */
export function parseContentRange(value: string): ContentRange | null {
  const match = /^bytes[ \t]+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(value)
  if (match === null) return null
  const [start, end] = [Number(match[1]), Number(match[2])]
  const totalLength = match[3] === '*' ? -1 : Number(match[3])
  return end < start || (totalLength >= 0 && end >= totalLength) ? null : { start, end, totalLength }
}

/** @throws {RangeError} For numbers that `parseContentRange` would not take back. */
export function formatContentRange(start: number, end: number, totalLength: number): string {
  const value = `bytes ${start}-${end}/${totalLength < 0 ? '*' : totalLength}`
  if (parseContentRange(value) === null) throw new RangeError(`${value} is no content range.`)
  return value
}

/** Not yet cut at the end of the body; null when malformed. */
function parseSpec(spec: string, totalLength: number): Range | null {
  const match = /^(\d{0,15})-(\d{0,15})$/.exec(spec)
  if (match === null) return null
  const [, first = '', last = ''] = match
  if (first === '') {
    // "-0" asks for nothing: valid, but there is no such byte.
    return last === ''
      ? null
      : { start: Number(last) === 0 ? totalLength : Math.max(0, totalLength - Number(last)), end: totalLength - 1 }
  }
  if (last === '') return { start: Number(first), end: totalLength - 1 }
  return Number(last) < Number(first) ? null : { start: Number(first), end: Number(last) }
}

function joined(ranges: readonly Range[]): Range[] {
  const result: Range[] = []
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = result.at(-1)
    if (last === undefined || range.start > last.end) result.push(range)
    else result[result.length - 1] = { start: last.start, end: Math.max(last.end, range.end) }
  }
  return result
}

function formatSpec({ start, end }: Range): string {
  const valid = Number.isSafeInteger(start) && Number.isSafeInteger(end)
  if (!valid || end < -1 || (end >= 0 && (start < 0 || end < start))) {
    throw new RangeError(`From ${start} to ${end} is no range.`)
  }
  if (end >= 0) return `${start}-${end}`
  return start >= 0 ? `${start}-` : String(start)
}
