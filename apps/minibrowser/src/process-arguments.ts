// The arguments a child process is started with: its number, and whether to trace. Written by the process proxies, read
// by both entry files.

export interface ProcessArguments {
  /** The UIProcess's number for the process; part of every request id. */
  readonly identifier: number
  /** Start of the trace's clock, in ms since the epoch; `null` when there is no trace. */
  readonly traceStart: number | null
}

export function formatProcessArguments({ identifier, traceStart }: ProcessArguments): string[] {
  return [String(identifier), ...(traceStart === null ? [] : [`--trace=${traceStart}`])]
}

/** @throws {Error} when the process was not started by this program. */
export function parseProcessArguments([identifier, flag]: readonly string[]): ProcessArguments {
  if (identifier === undefined || !/^\d+$/.test(identifier)) {
    throw new Error('This program is started by minibrowser, not by hand.')
  }
  const start = flag?.startsWith('--trace=') ? Number(flag.slice('--trace='.length)) : null
  return { identifier: Number(identifier), traceStart: start }
}
