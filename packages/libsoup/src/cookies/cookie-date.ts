// Dates as cookies carry them. Called by the parser of Set-Cookie and by Cookie. RFC 6265bis section 5.1.1, which takes
// what every server ever sent. Upstream: libsoup/soup-date-utils.c (SOUP_DATE_COOKIE).

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

const DELIMITERS = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/
const TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)/
const DAY = /^\d{1,2}(?!\d)/
const YEAR = /^\d{2,4}(?!\d)/

interface FoundParts {
  time: RegExpExecArray | null
  day: number | null
  month: number | null
  year: number | null
}

/** Milliseconds since the epoch, or null when `text` holds no date. */
export function parseCookieDate(text: string): number | null {
  const { time, day, month, year } = findParts(text)
  if (time === null || day === null || month === null || year === null) return null
  const [hour, minute, second] = [Number(time[1]), Number(time[2]), Number(time[3])]
  const fullYear = year >= 70 && year <= 99 ? year + 1900 : year <= 69 ? year + 2000 : year
  if (day < 1 || fullYear < 1601 || hour > 23 || minute > 59 || second > 59) return null
  const date = Date.UTC(fullYear, month, day, hour, minute, second)
  return new Date(date).getUTCDate() === day ? date : null // 31 February is no date
}

/** Each token fills the first part that is still missing and that it looks like. */
function findParts(text: string): FoundParts {
  const found: FoundParts = { time: null, day: null, month: null, year: null }
  for (const token of text.split(DELIMITERS)) {
    if (found.time === null) {
      found.time = TIME.exec(token)
      if (found.time !== null) continue
    }
    if (found.day === null && DAY.test(token)) {
      found.day = Number.parseInt(token, 10)
    } else if (found.month === null && MONTHS.includes(token.slice(0, 3).toLowerCase())) {
      found.month = MONTHS.indexOf(token.slice(0, 3).toLowerCase())
    } else if (found.year === null && YEAR.test(token)) {
      found.year = Number.parseInt(token, 10)
    }
  }
  return found
}

/** `Sun, 06-Nov-1994 08:49:37 GMT`. */
export function formatCookieDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const month = MONTHS[date.getUTCMonth()] as string
  const day = `${two(date.getUTCDate())}-${month.charAt(0).toUpperCase()}${month.slice(1)}`
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${DAY_NAMES[date.getUTCDay()]}, ${day}-${String(date.getUTCFullYear()).padStart(4, '0')} ${time} GMT`
}
