// `--output=html`: the source of the page. Called by the CLI with the finished report.

import type { LoadReport } from '../load-report.ts'
import { sanitizeText } from './terminal-text.ts'

/** The source as it came; on a terminal without the control characters that it would act on. */
export function renderHtml(report: LoadReport, isTerminal: boolean): string {
  return isTerminal ? sanitizeText(report.source) : report.source
}
