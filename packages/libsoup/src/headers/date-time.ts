// Dates as header fields write them, RFC 9110 section 5.6.7: one form is written, three old ones and their variations
// are read. A date is a JavaScript Date. Upstream: libsoup/soup-date-utils.c.

/** Values are upstream's. */
export const DateFormat = {
  /** `Sun, 06 Nov 1994 08:49:37 GMT` */
  HTTP: 1,
  /** `Sun, 06-Nov-1994 08:49:37 GMT`, for `Set-Cookie` */
  COOKIE: 2,
} as const
export type DateFormat = (typeof DateFormat)[keyof typeof DateFormat]

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Hours behind UTC in winter. */
const AMERICAN_ZONES: Readonly<Record<string, number>> = { E: 5, C: 6, M: 7, P: 8 }

/** @throws {RangeError} When `date` is not valid, or its year has not four digits at most. */
export function dateTimeToString(date: Date, format: DateFormat): string {
  const year = date.getUTCFullYear()
  if (Number.isNaN(year) || year < 0 || year > 9999) throw new RangeError('The date cannot be written for HTTP.')
  const text = date.toUTCString()
  return format === DateFormat.HTTP ? text : `${text.slice(0, 7)}-${text.slice(8, 11)}-${text.slice(12)}`
}

/**
 * The date in `text`, or null: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`,
 * `Sun Nov  6 08:49:37 1994`, with or without the weekday, also with a zone such as `+0100` or `EST`. Two digits of a year
 * mean 1970 to 2069. ISO 8601 is not read.
 */
export function dateTimeNewFromHttpString(text: string): Date | null {
  const scanner = new Scanner(text)
  scanner.skip(' \t\n\f\r')
  // A word at the start is the weekday; another behind it is the month of C's asctime.
  if (scanner.skipLetters()) {
    scanner.take(',')
    scanner.skip(' \t\n\f\r')
  }
  const isAsctime = scanner.atLetter()
  const month = isAsctime ? scanner.month() : null
  const day = scanner.number('day')
  const fields = isAsctime
    ? { day, month, time: scanner.time(), year: scanner.year() }
    : { day, month: scanner.month(), year: scanner.year(), time: scanner.time() }
  return makeDate(fields, scanner.zone())
}

interface DateFields {
  readonly day: number | null
  readonly month: number | null
  readonly year: number | null
  /** Seconds since midnight. */
  readonly time: number | null
}

function makeDate({ day, month, year, time }: DateFields, zoneMinutes: number): Date | null {
  if (day === null || month === null || year === null || time === null) return null
  if (year < 1 || year >= 9999) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  if (date.getUTCDate() !== day || date.getUTCMonth() !== month) return null // no such day
  return new Date(date.getTime() + time * 1000 - zoneMinutes * 60_000)
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  skip(chars: string): void {
    while (this.#at < this.#text.length && chars.includes(this.#text.charAt(this.#at))) this.#at++
  }

  atLetter(): boolean {
    return /[A-Za-z]/.test(this.#text.charAt(this.#at))
  }

  skipLetters(): boolean {
    const start = this.#at
    while (this.atLetter()) this.#at++
    return this.#at > start
  }

  month(): number | null {
    const index = MONTHS.indexOf(this.#text.slice(this.#at, this.#at + 3).toLowerCase())
    this.#at += 3
    this.skip(' -')
    return index < 0 ? null : index
  }

  /** A number and the separators behind it. */
  number(what: 'day' | 'time'): number | null {
    const value = this.#digits()
    if (what === 'day') this.skip(' -')
    return value === null ? null : Number(value)
  }

  year(): number | null {
    const digits = this.#digits()
    if (digits === null) return null
    this.skip(' -')
    const year = Number(digits)
    if (digits.length === 2) return year < 70 ? 2000 + year : 1900 + year
    return digits.length === 3 ? 1900 + year : year // Netscape once wrote the years since 1900
  }

  time(): number | null {
    const hour = this.number('time')
    const minute = this.take(':') ? this.number('time') : null
    const second = this.take(':') ? this.number('time') : null
    this.skip(' ')
    if (hour === null || minute === null || second === null) return null
    return hour < 24 && minute < 60 && second < 60 ? hour * 3600 + minute * 60 + second : null
  }

  /** Minutes ahead of UTC; 0 for what is no zone. */
  zone(): number {
    const rest = this.#text.slice(this.#at, this.#at + 7)
    const offset = /^([+-])(\d{1,2}):?(\d{2})(?!\d)/.exec(rest)
    if (offset !== null) return (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3]))
    const american = /^([ECMP])([DS])T/.exec(rest)
    if (american === null) return 0
    return ((american[2] === 'D' ? 1 : 0) - (AMERICAN_ZONES[american[1] as string] as number)) * 60
  }

  take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  /** Null without any, or with more than a date has. */
  #digits(): string | null {
    const match = /^ {0,8}(\d{1,9})/.exec(this.#text.slice(this.#at, this.#at + 18))
    if (match === null) return null
    this.#at += match[0].length
    return match[1] as string
  }
}
