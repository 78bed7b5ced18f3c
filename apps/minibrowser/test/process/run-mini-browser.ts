// Runs the built command line as users do, in a process of its own, and looks at the processes it leaves. Used by the
// process tests; needs `npm run build` before.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const DIST = fileURLToPath(new URL('../../dist/', import.meta.url))
const CLI = `${DIST}cli.js`

export interface CommandResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly child: ChildProcess
  readonly result: Promise<CommandResult>
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Longest run; the test has failed when it is reached. Default 15,000. */
  readonly timeoutMs?: number
}

/** Starts the command line with `args`, stdout and stderr piped. */
export function startMiniBrowser(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  if (!existsSync(CLI)) throw new Error('The process tests need the built package: run `npm run build` first.')
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    timeout: options.timeoutMs ?? 15_000,
    killSignal: 'SIGKILL',
  })
  const result = Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    }),
  ]).then(([stdout, stderr, status]) => ({ status, stdout, stderr }))
  return { child, result }
}

/** {@link startMiniBrowser}, to the end. */
export function runMiniBrowser(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return startMiniBrowser(args, options).result
}

/** Processes below `pid` that are alive, with their command lines. */
export function descendants(pid: number): { readonly pid: number; readonly command: string }[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const parent = parentOf(Number(entry))
    if (parent !== null) parents.set(Number(entry), parent)
  }
  const found: { pid: number; command: string }[] = []
  const queue = [pid]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const [child, parent] of parents) {
      if (parent !== next) continue
      queue.push(child)
      found.push({ pid: child, command: commandOf(child) })
    }
  }
  return found
}

/** Whether the process is there and not only waiting to be reaped. */
export function isAlive(pid: number): boolean {
  return parentOf(pid) !== null
}

/** Looks every 10 ms until `condition` gives a value; fails the test after `deadlineMs`. */
export async function eventually<T>(condition: () => T | null | undefined | false, deadlineMs = 5_000): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const value = condition()
    if (value !== null && value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`Nothing came of "${condition.toString()}" in ${deadlineMs} ms.`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? null : Number(parent)
  } catch {
    return null
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}

async function readAll(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  for await (const chunk of stream ?? []) text += String(chunk)
  return text
}
