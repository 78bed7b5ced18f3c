// JSON as the reports write it. Used by json.ts and har.ts.

// JSON.stringify escapes C0 only; some terminals act on C1 and DEL, and bidi controls reorder what the user reads.
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** `value` with two-space indentation and a final newline; safe to show on a terminal. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${text}\n`
}
