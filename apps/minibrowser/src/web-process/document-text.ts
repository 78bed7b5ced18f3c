// The page as plain text, for the terminal. Runs in the WebProcess, because HTML is hostile input. Called by WebPage.

import { convert } from 'html-to-text'

const COLUMNS = 80
/** Elements that are never read out; the terminal shows neither pictures nor controls. */
const SKIPPED = ['head', 'script', 'style', 'noscript', 'template', 'svg', 'canvas', 'iframe', 'object']

/**
 * Readable text of `html`: headings, lists, tables and links, wrapped at 80 columns. Input beyond the library's own
 * limits is cut with an ellipsis, not refused.
 */
export function documentText(html: string, baseURL: string): string {
  return convert(html, {
    wordwrap: COLUMNS,
    limits: { maxInputLength: 16 * 1024 * 1024, maxDepth: 200, maxChildNodes: 10_000, ellipsis: '…' },
    selectors: [
      ...SKIPPED.map((selector) => ({ selector, format: 'skip' })),
      { selector: 'img', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
      { selector: 'a', options: { ignoreHref: true, baseUrl: baseURL } },
      { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false, maxColumnWidth: 40 } },
    ],
  })
}
