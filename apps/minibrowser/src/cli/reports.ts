// Writes what the command line asked for: one output on stdout, and report files. Each renderer is only loaded when it
// is used.

import type { LoadReport } from '../load-report.ts'
import type { MiniBrowserOptions } from './options.ts'
import { writeToStdout } from './standard-streams.ts'
import { VERSION } from './version.ts'

/** Columns of the waterfall where there is no terminal to measure. */
const DEFAULT_COLUMNS = 80

/**
 * @throws {LoadError} `g-file-error-quark` with the system's code when a report file cannot be written.
 */
export async function writeReports(report: LoadReport, options: MiniBrowserOptions): Promise<void> {
  const creator = { name: 'MiniBrowser', version: VERSION }
  const files: Promise<void>[] = []
  if (options.har !== null) {
    const { renderHar } = await import('../output/har.ts')
    files.push(writeReportFile(options.har, renderHar(report, creator)))
  }
  if (options.waterfall !== null) {
    const { renderHtmlWaterfall } = await import('../output/html-waterfall.ts')
    files.push(writeReportFile(options.waterfall, renderHtmlWaterfall(report)))
  }
  const written = Promise.all(files)
  written.catch(() => {}) // Thrown below, after the output on stdout.
  await writeToStdout(await render(report, options.output, creator))
  await written
}

async function render(
  report: LoadReport,
  output: MiniBrowserOptions['output'],
  creator: { name: string; version: string },
): Promise<string> {
  switch (output) {
    case 'text': {
      const { renderText } = await import('../output/text.ts')
      return renderText(report, terminalStyle(process.stdout, process.env))
    }
    case 'json': {
      const { renderJson } = await import('../output/json.ts')
      return renderJson(report)
    }
    case 'har': {
      const { renderHar } = await import('../output/har.ts')
      return renderHar(report, creator)
    }
    case 'html': {
      const { renderHtml } = await import('../output/html.ts')
      return renderHtml(report, process.stdout.isTTY)
    }
    case 'none':
      return ''
  }
}

/** Colours on a terminal only, and not where the user said no (https://no-color.org). */
export function terminalStyle(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Readonly<Record<string, string | undefined>>,
): { readonly columns: number; readonly color: boolean } {
  const isTerminal = stream.isTTY === true
  const isPlain = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb'
  return { columns: (isTerminal && stream.columns) || DEFAULT_COLUMNS, color: isTerminal && !isPlain }
}

async function writeReportFile(path: string, text: string): Promise<void> {
  const { writeFileAtomically } = await import('../output/write-file-atomically.ts')
  try {
    await writeFileAtomically(path, text)
  } catch (cause) {
    const { LoadError } = await import('../load-error.ts')
    const { code = 'FAILED' } = cause as NodeJS.ErrnoException
    throw new LoadError('g-file-error-quark', code, `The file "${path}" could not be written.`, { cause })
  }
}
