// What the real proxies of this package share: a program with a configuration file of its own in a temporary directory,
// listening on a loopback port, gone with everything it made when closed.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface ProxyProcess {
  /** On 127.0.0.1. */
  readonly port: number
  close(): Promise<void>
}

export interface ProxyProgram {
  /** Found on PATH or in /usr/sbin. */
  readonly command: string
  /** The files it needs, by name. */
  files(directory: string, port: number): Readonly<Record<string, string>>
  arguments(directory: string, port: number): readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Default SIGTERM. */
  readonly endSignal?: NodeJS.Signals
  /** What it leaves behind elsewhere. */
  leftovers?(port: number): readonly string[]
}

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
const MAX_TRIES = 5
const READY_WITHIN_MS = 15_000
const POLL_EVERY_MS = 20
const ENDS_WITHIN_MS = 5000

/** Whether a program can be started at all. */
export function isInstalled(command: string): boolean {
  const { error } = spawnSync(command, ['-v'], { stdio: 'ignore', env: { ...process.env, PATH } })
  return error === undefined
}

/** Starts it and waits until it takes connections; close it yourself. */
export async function startProxyProcess(program: ProxyProgram): Promise<ProxyProcess> {
  for (let tries = 1; ; tries++) {
    const started = await tryStart(program, await freePort())
    if (typeof started !== 'string') return started
    if (tries === MAX_TRIES) throw new Error(`${program.command} did not start: ${started}`)
  }
}

/** The proxy, or what it said when it ended instead. */
async function tryStart(program: ProxyProgram, port: number): Promise<ProxyProcess | string> {
  const directory = mkdtempSync(join(tmpdir(), `${program.command}-`))
  chmodSync(directory, 0o777) // it may give up being root
  for (const [name, content] of Object.entries(program.files(directory, port))) {
    writeFileSync(join(directory, name), content, { mode: 0o755 })
  }
  const child = spawn(program.command, program.arguments(directory, port), {
    env: { ...process.env, PATH, ...program.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-2000)
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  child.on('error', (error) => (said += error.message))
  const close = async (): Promise<void> => {
    await end(child, program.endSignal ?? 'SIGTERM')
    for (const path of program.leftovers?.(port) ?? []) rmSync(path, { force: true })
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  }
  if (await becomesReady(child, port)) return { port, close }
  await close()
  return said
}

async function becomesReady(child: ChildProcess, port: number): Promise<boolean> {
  const giveUpAt = performance.now() + READY_WITHIN_MS
  while (isRunning(child) && performance.now() < giveUpAt) {
    if (await takesConnections(port)) return isRunning(child)
    await delay(POLL_EVERY_MS)
  }
  return false
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
  })
  socket.destroy()
  return isOpen
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(child)) return
  const gone = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS)
  child.kill(signal)
  await gone
  clearTimeout(timer)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
