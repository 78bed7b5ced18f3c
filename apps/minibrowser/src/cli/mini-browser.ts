// Runs one command line: load the page, report, tell the exit status. Called by main.ts.

import { readFile } from 'node:fs/promises'
import { LoadError } from '../load-error.ts'
import type { LoadReport } from '../load-report.ts'
import { sanitizeLine } from '../output/terminal-text.ts'
import { startTracing } from '../trace/trace-subscriber.ts'
import { NetworkSession } from '../ui-process/network-session.ts'
import { WebContext } from '../ui-process/web-context.ts'
import { WebView } from '../ui-process/web-view.ts'
import { HELP } from './help.ts'
import { type CommandLine, type MiniBrowserOptions, parseCommandLine, UsageError } from './options.ts'
import { showProgress } from './progress-line.ts'
import { writeReports } from './reports.ts'
import { writeToStdout } from './standard-streams.ts'
import { uriFromArgument } from './uri-argument.ts'
import { VERSION } from './version.ts'

export const EXIT_LOADED = 0
export const EXIT_FAILED = 1
export const EXIT_USAGE = 2

/** @returns the exit status; everything that went wrong has been told on stderr, in one line. */
export async function runMiniBrowser(args: readonly string[]): Promise<number> {
  let commandLine: CommandLine
  try {
    commandLine = parseCommandLine(args)
  } catch (error) {
    tell(error)
    return EXIT_USAGE
  }
  if (commandLine.action === 'help') await writeToStdout(HELP)
  if (commandLine.action === 'version') await writeToStdout(`minibrowser ${VERSION}\n`)
  if (commandLine.action !== 'load') return EXIT_LOADED
  try {
    await load(commandLine.options)
    return EXIT_LOADED
  } catch (error) {
    tell(error)
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED
  }
}

async function load(options: MiniBrowserOptions): Promise<void> {
  const stopTracing = options.trace ? startTracing('ui-process', performance.timeOrigin) : () => {}
  const context = new WebContext({
    noSandbox: options.noSandbox,
    ...(options.trace ? { onTraceLine: (line: string) => void process.stderr.write(`${line}\n`) } : {}),
  })
  let site: { uri: string; certificateAuthorityPem: string; close(): Promise<void> } | null = null
  try {
    const uri = options.uri === null ? null : uriFromArgument(options.uri)
    const caPem = options.caFile === null ? null : await readCertificateAuthorities(options.caFile)
    context.prepare()
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

function wantedContents({ output, har }: MiniBrowserOptions): { source: boolean; text: boolean } {
  return { source: output === 'html' || output === 'har' || har !== null, text: output === 'text' }
}

function withFailure(report: LoadReport, failure: Error | null): LoadReport {
  return failure instanceof LoadError && report.error === null ? { ...report, error: failure.toReport() } : report
}

async function readCertificateAuthorities(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new UsageError('BAD_VALUE', `The file "${file}" of --ca-file cannot be read (${code}).`, { cause })
  }
}

/** One line on stderr: `minibrowser: <sentence> (<domain>: <code>)`. */
function tell(error: unknown): void {
  const { message, domain, code } = error as { message?: string; domain?: string; code?: string }
  const about = [domain ?? 'WebKitInternal', code ?? 'INTERNAL'].join(': ')
  process.stderr.write(`minibrowser: ${sanitizeLine(`${message ?? String(error)} (${about})`)}\n`)
}
