// Loads the page of one command line and writes what was asked for. Called by mini-browser.ts, which loads this file only
// once the child processes are on their way.

import { readFile } from 'node:fs/promises'
import { LoadError } from '../load-error.ts'
import type { LoadReport } from '../load-report.ts'
import { startTracing } from '../trace/trace-subscriber.ts'
import { NetworkSession } from '../ui-process/network-session.ts'
import type { PrewarmedProcesses } from '../ui-process/prewarmed-processes.ts'
import { WebContext } from '../ui-process/web-context.ts'
import { WebView } from '../ui-process/web-view.ts'
import { type MiniBrowserOptions, UsageError } from './options.ts'
import { showProgress } from './progress-line.ts'
import { terminalStyle, writeReports } from './reports.ts'

/** Longer lines are hard to read. */
const MAX_TEXT_COLUMNS = 80

/**
 * @param uri Absolute; `null` asks for the built-in demo site.
 * @throws {LoadError} when the page or a report failed; what could be reported has been.
 * @throws {UsageError} when a file that was named cannot be read.
 */
export async function loadPage(
  uri: string | null,
  options: MiniBrowserOptions,
  prewarmed: PrewarmedProcesses,
): Promise<void> {
  const stopTracing = options.trace ? startTracing('ui-process', performance.timeOrigin) : () => {}
  const onTraceLine = (line: string): void => void process.stderr.write(`${line}\n`)
  const context = new WebContext({ noSandbox: options.noSandbox, ...(options.trace ? { onTraceLine } : {}) }, prewarmed)
  let site: { uri: string; certificateAuthorityPem: string; close(): Promise<void> } | null = null
  try {
    const caPem = options.caFile === null ? null : await readCertificateAuthorities(options.caFile)
    if (uri === null) {
      const { startDemoSite } = await import('../demo/demo-site.ts')
      site = await startDemoSite()
    }
    const trusted = [caPem, site?.certificateAuthorityPem].filter((pem) => typeof pem === 'string').join('\n')
    await loadInto(context, uri ?? (site as { uri: string }).uri, trusted, options)
  } finally {
    await Promise.all([context.close(), site?.close()])
    stopTracing()
  }
}

async function loadInto(context: WebContext, uri: string, caPem: string, options: MiniBrowserOptions): Promise<void> {
  const session = new NetworkSession({
    context,
    ignoreTLSErrors: options.ignoreTlsErrors,
    ...(options.tlsBackend === null ? {} : { tlsBackend: options.tlsBackend }),
    ...(caPem === '' ? {} : { certificateAuthorityPem: caPem }),
    ...(options.userAgent === null ? {} : { userAgent: options.userAgent }),
  })
  session.prepare()
  const view = new WebView({ networkSession: session })
  const isInteractive = process.stderr.isTTY && process.stdout.isTTY && !options.headless && !options.trace
  const hideProgress = isInteractive ? showProgress(view, process.stderr) : () => {}
  let failure: Error | null = null
  let contents = { source: '', text: '' }
  try {
    await view.loadURI(uri, {
      method: options.method,
      headers: requestHeaders(options),
      timeoutSeconds: options.timeoutSeconds,
      ...(options.data === null ? {} : { body: new TextEncoder().encode(options.data) }),
    })
    contents = await view.contents(wantedContents(options))
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
  } finally {
    hideProgress()
  }
  const report = view.loadReport
  const closing = context.close()
  if (report) await writeReports({ ...withFailure(report, failure), ...contents }, options)
  await closing
  if (failure !== null) throw failure
}

/** A form body without a type is sent as HTML forms send theirs. */
function requestHeaders({ headers, data }: MiniBrowserOptions): MiniBrowserOptions['headers'] {
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type')
  return data === null || hasType ? headers : [...headers, ['Content-Type', 'application/x-www-form-urlencoded']]
}

function wantedContents({ output, har }: MiniBrowserOptions): { source: boolean; text: boolean; textColumns: number } {
  const source = output === 'html' || output === 'har' || har !== null
  const { columns } = terminalStyle(process.stdout, process.env)
  return { source, text: output === 'text', textColumns: Math.min(columns, MAX_TEXT_COLUMNS) }
}

function withFailure(report: LoadReport, failure: Error | null): LoadReport {
  return failure instanceof LoadError && report.error === null ? { ...report, error: failure.toReport() } : report
}

async function readCertificateAuthorities(file: string): Promise<string> {
  let pem: string
  try {
    pem = await readFile(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new UsageError('BAD_VALUE', `The file "${file}" of --ca-file cannot be read (${code}).`, { cause })
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new UsageError('BAD_VALUE', `The file "${file}" of --ca-file holds no certificate in PEM format.`)
  }
  return pem
}
