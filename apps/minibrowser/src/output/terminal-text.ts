// Makes text that came from a page or a server safe and measurable for a terminal. Everything the renderers print on
// stdout or stderr goes through here, in the UIProcess: a page must not be able to move the cursor, set the title or
// reorder what the user reads.

/* eslint-disable no-control-regex -- removing control characters is what this file is for */

// C0 but tab and line feed, DEL, C1, and the format characters that reorder or hide text (bidi controls, zero-width
// characters, line/paragraph separators, byte order mark, interlinear marks, tags).
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu
// Escape sequences go as a whole, so that their letters do not stay behind: CSI, OSC/DCS/APC/PM/SOS strings, the rest.
const ESCAPE_SEQUENCE =
  /(?:\u001b\[|\u009b)[0-?]{0,64}[ -/]{0,16}[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0080-\u009f]{0,4096}(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]{0,16}[0-~]/g

/** Removes what a terminal would act on; keeps line feeds and tabs. Runs in linear time. */
export function sanitizeText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(ESCAPE_SEQUENCE, '')
    .replace(UNSAFE, '')
    .replace(/[\ud800-\udfff]/gu, '\ufffd')
}

/** Like {@link sanitizeText}, on one line: line feeds and tabs become single spaces. */
export function sanitizeLine(text: string): string {
  return sanitizeText(text).replace(/\s+/g, ' ').trim()
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
// East Asian wide and fullwidth blocks, and emoji: two columns each (Unicode UAX #11, coarse ranges).
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Columns that sanitized text takes on a terminal. */
export function displayWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

/** Cuts sanitized text to at most `columns`, ending in `…` when something was lost, and pads it to exactly that. */
export function fit(text: string, columns: number): string {
  const width = displayWidth(text)
  if (width <= columns) return text + ' '.repeat(columns - width)
  let out = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    const next = used + displayWidth(segment)
    if (next > columns - 1) break
    out += segment
    used = next
  }
  return `${out}…${' '.repeat(Math.max(0, columns - 1 - used))}`
}

/** Like {@link fit}, but keeps the end of the text, where file names differ. */
export function fitKeepingEnd(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return fit(text, columns)
  const segments = Array.from(segmenter.segment(text), ({ segment }) => segment)
  const head = Math.max(1, Math.floor((columns - 1) / 3))
  let used = head + 1
  let index = segments.length
  while (index > head && used + displayWidth(segments[index - 1] ?? '') <= columns) {
    used += displayWidth(segments[--index] ?? '')
  }
  return fit(`${segments.slice(0, head).join('')}…${segments.slice(index).join('')}`, columns)
}
