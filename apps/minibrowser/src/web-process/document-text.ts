// The page as plain text, for the terminal. Runs in the WebProcess, because HTML is hostile input. Called by WebPage.

import { convert } from 'html-to-text'

/** Elements that are never read out; the terminal shows neither pictures nor controls. */
const SKIPPED = ['head', 'script', 'style', 'noscript', 'template', 'svg', 'canvas', 'iframe', 'object']

/** Glyphs of icon fonts, which say nothing without the page's own font. */
const PRIVATE_USE = /[\ue000-\uf8ff]/g

/**
 * Readable text of `html`: headings, lists, tables and links, wrapped at `columns`. What goes beyond the limits is cut with
 * an ellipsis, not refused.
 */
export function documentText(html: string, baseURL: string, columns: number): string {
  const text = convert(html, {
    wordwrap: columns,
    limits: { maxInputLength: 32 * 1024 * 1024, maxDepth: 200, maxChildNodes: 10_000, ellipsis: '…' },
    selectors: [
      ...SKIPPED.map((selector) => ({ selector, format: 'skip' })),
      { selector: 'img', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
      { selector: 'a', options: { ignoreHref: true, baseUrl: baseURL } },
      { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false, maxColumnWidth: 40 } },
    ],
  })
  const lines = text
    .replace(PRIVATE_USE, '')
    .split('\n')
    .map((line) => line.trimEnd())
  // An item that begins with something skipped would leave its bullet alone on a line.
  return lines.join('\n').replace(/^( *)\*\n+\1 {2}(?=\S)/gm, '$1* ')
}
