// Loads what cannot be loaded and checks how that is told. Used by the tables of bad input.

import type { Socket } from 'node:net'
import { type ListeningServer, startRawServer } from '@wpe-networking/test-support'
import { expect } from 'vitest'
import { type CommandResult, runMiniBrowser } from './run-mini-browser.ts'

export interface Row {
  readonly name: string
  /** A URI, or a server on 127.0.0.1, which is then loaded by `scheme`. */
  readonly uri?: string
  readonly start?: () => Promise<{ readonly port: number; close(): Promise<void> }>
  readonly scheme?: 'http' | 'https'
  readonly args?: readonly string[]
  readonly domain: string
  readonly code: string
  /** What the sentence must tell; default: anything. */
  readonly about?: string
}

/** A server that says `bytes` to whatever it is told first, and hangs up. */
export const answer = (bytes: string) => (): Promise<ListeningServer> =>
  startRawServer((socket: Socket) => void socket.once('data', () => socket.end(bytes)))

/** A server that takes connections and never says a word. */
export const silence = (): Promise<ListeningServer> => startRawServer(() => {})

/** Exit status 1, and on stderr one sentence with domain and code; the JSON report, if there is one, tells the error too. */
export async function expectFailure(row: Row, more: readonly string[] = []): Promise<void> {
  const { status, stdout, stderr } = await run(row, more)
  expect(stderr).toMatch(new RegExp(`^minibrowser: [A-Z][^\\n]+\\. \\(${row.domain}: ${row.code}\\)\\n$`))
  expect(stderr).toContain(row.about ?? '')
  expect(status).toBe(1)
  // A URI that was never loaded has no report.
  if (stdout !== '') expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.any(String) as string } })
}

async function run({ uri, start, scheme = 'http', args = [] }: Row, more: readonly string[]): Promise<CommandResult> {
  const options = ['--output=json', ...args, ...more]
  if (uri !== undefined || start === undefined) return await runMiniBrowser([...options, uri ?? ''])
  const server = await start()
  try {
    return await runMiniBrowser([...options, `${scheme}://127.0.0.1:${server.port}/`])
  } finally {
    await server.close()
  }
}
