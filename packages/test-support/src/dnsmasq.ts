// A real DNS server on loopback: Debian's dnsmasq (package dnsmasq-base), which knows only what its options say.

import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { closingAfter } from './listening-server.ts'

export interface Dnsmasq {
  /** On 127.0.0.1. */
  readonly port: number
  /** Every question so far, as 'A host.example', in order; the last ones are sure to be there only after `close`. */
  readonly queries: readonly string[]
  close(): Promise<void>
}

const MAX_TRIES = 5

/** Whether the program is there. */
export function hasDnsmasq(): boolean {
  return spawnSync('dnsmasq', ['--version'], { stdio: 'ignore' }).status === 0
}

/**
 * Starts it; close it yourself.
 *
 * @param options Records and settings: '--host-record=h.example,192.0.2.1,60', '--srv-host=…', '--txt-record=…'.
 * @param wantedPort Left out for any.
 */
export async function startDnsmasq(options: readonly string[], wantedPort?: number): Promise<Dnsmasq> {
  for (let tries = 1; ; tries++) {
    const port = wantedPort ?? (await freePort())
    const server = await tryStart(port, options)
    if (typeof server !== 'string') return server
    if (tries === MAX_TRIES) throw new Error(`dnsmasq did not start: ${server}`)
  }
}

/** Runs `use` with one. */
export async function withDnsmasq<T>(options: readonly string[], use: (server: Dnsmasq) => Promise<T>): Promise<T> {
  return await closingAfter(startDnsmasq(options), use)
}

/** The server, or what it said when it ended instead. */
async function tryStart(port: number, options: readonly string[]): Promise<Dnsmasq | string> {
  const child = spawn(
    'dnsmasq',
    [
      '--no-daemon', // which also keeps it the user that it is
      '--log-queries',
      '--conf-file=/dev/null',
      '--no-resolv',
      '--no-hosts',
      '--bind-interfaces',
      '--listen-address=127.0.0.1',
      `--port=${port}`,
      ...options,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const queries: string[] = []
  const lines: string[] = []
  const lineReader = createInterface({ input: child.stderr })
  const started = new Promise<boolean>((resolve) => {
    lineReader.on('line', (line) => {
      if (lines.length < 10) lines.push(line)
      if (/: started, version/.test(line)) resolve(true)
      const query = /: (?:query|auth)\[([A-Z0-9]+|type=\d+)\] (\S+) from/.exec(line)
      if (query) queries.push(`${query[1]} ${query[2]}`)
    })
    lineReader.on('close', () => resolve(false))
  })
  const ended = Promise.all([new Promise((resolve) => child.once('close', resolve)), once(lineReader, 'close')])
  child.once('error', (error) => lines.push(error.message)) // it is not installed
  if (!(await started)) return lines.join('\n')
  return {
    port,
    queries,
    async close() {
      child.kill()
      await ended
    },
  }
}

/** A port that nobody has over either protocol, at least now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  await once(socket, 'listening')
  await Promise.all([
    new Promise<void>((resolve) => server.close(() => resolve())),
    new Promise<void>((resolve) => socket.close(() => resolve())),
  ])
  return port
}
