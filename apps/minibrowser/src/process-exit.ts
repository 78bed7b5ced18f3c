// How the child processes end themselves; called by web-process/main.ts and network-process/main.ts, and read back by
// ui-process/process-stderr.ts.

import { writeSync } from 'node:fs'

/** Marks the line on stderr with the reason why a process ended itself. */
export const FATAL_PREFIX = 'fatal: '

/** Exit status of a process that ended itself after an error nobody caught (sysexits.h: EX_SOFTWARE). */
export const EXIT_UNCAUGHT_ERROR = 70

/**
 * Ends the process on an uncaught exception or rejection, after one line on stderr that the UIProcess reports as the
 * reason. A process in an unknown state must not go on serving.
 */
export function exitOnUncaughtErrors(): void {
  process.on('uncaughtException', (error: unknown) => {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    try {
      const stack = error instanceof Error ? (error.stack?.split('\n').slice(1, 8).join(' ') ?? '') : ''
      writeSync(2, `${stack.trim()}\n${FATAL_PREFIX}${reason.replace(/\s+/g, ' ')}\n`)
    } catch {
      // stderr is gone with the UIProcess; nobody is left to tell.
    }
    process.exit(EXIT_UNCAUGHT_ERROR)
  })
}
