// `--output=text`: the page's text, then the waterfall. Called by the CLI with the finished report.

import type { LoadReport } from '../load-report.ts'
import { renderTerminalWaterfall, type TerminalStyle } from './terminal-waterfall.ts'
import { sanitizeLine, sanitizeText } from './terminal-text.ts'

/** The text of the page, made safe for a terminal, and the waterfall under it; ends with a newline. */
export function renderText(report: LoadReport, style: TerminalStyle): string {
  const blocks: string[] = []
  const title = sanitizeLine(report.title ?? '')
  const text = sanitizeText(report.text).trim()
  if (title !== '' && !text.toLowerCase().startsWith(title.toLowerCase())) blocks.push(title)
  if (text !== '') blocks.push(text)
  if (report.resources.length > 0) blocks.push(renderTerminalWaterfall(report, style).join('\n'))
  return blocks.length === 0 ? '' : `${blocks.join('\n\n')}\n`
}
