// Runs one command line: load the page, report, tell the exit status. Called by main.ts.

import { sanitizeLine } from '../output/terminal-text.ts'
import { prewarmProcesses } from '../ui-process/prewarmed-processes.ts'
import { HELP } from './help.ts'
import { type CommandLine, type MiniBrowserOptions, parseCommandLine, UsageError } from './options.ts'
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
  const uri = options.uri === null ? null : uriFromArgument(options.uri)
  const { noSandbox, trace } = options
  // The children start while the rest of this process, which takes about as long, is still being read.
  const prewarmed = prewarmProcesses({ noSandbox, traceStart: trace ? performance.timeOrigin : null })
  // Reading it at once would hold up the start of the WebProcess, which first needs its sandbox found.
  await prewarmed.webProcess.catch(() => {}) // Told by the load.
  const { loadPage } = await import('./load-page.ts')
  await loadPage(uri, options, prewarmed)
}

/** One line on stderr: `minibrowser: <sentence> (<domain>: <code>)`. */
function tell(error: unknown): void {
  const { message, domain, code } = error as { message?: string; domain?: string; code?: string }
  const about = [domain ?? 'WebKitInternal', code ?? 'INTERNAL'].join(': ')
  process.stderr.write(`minibrowser: ${sanitizeLine(`${message ?? String(error)} (${about})`)}\n`)
}
