// Processes killed in the middle of a load: the user is told within a second, and nobody is left behind.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { withServer } from '@wpe-networking/test-support'
import { describe, expect, it } from 'vitest'
import { descendants, eventually, isAlive, type RunningCommand, startMiniBrowser } from './run-mini-browser.ts'

/** The page comes, its picture never does. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/') response.setHeader('Content-Type', 'text/html').end('<img src=/never.png><p>x')
}

/** Runs `use` once the load waits for the picture, with the process ids of all children. */
async function midLoad(
  use: (command: RunningCommand, pids: { readonly [name: string]: number }) => Promise<void>,
): Promise<void> {
  let isWaiting = false
  const watch = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url === '/never.png') isWaiting = true
    serve(request, response)
  }
  await withServer(watch, async ({ port }) => {
    const command = startMiniBrowser(['--output=json', `http://127.0.0.1:${port}/`])
    await eventually(() => isWaiting, 10_000)
    const children = descendants(command.child.pid as number)
    // A sandbox names the program on its own command line too; the program is the last of them.
    const find = (file: string): number => children.findLast(({ command }) => command.includes(file))?.pid ?? 0
    await use(command, { web: find('web-process.js'), network: find('network-process.js') })
    await eventually(() => children.every(({ pid }) => !isAlive(pid)), 1_000)
  })
}

describe('a process killed in the middle of a load', () => {
  const rows = [
    { victim: 'web', domain: 'WebKitProcessError', code: 'WEB_PROCESS_CRASHED' },
    { victim: 'network', domain: 'WebKitNetworkError', code: 'NETWORK_PROCESS_CRASHED' },
  ] as const

  it.each(rows)('ends the load with $code when it is the $victim process', async ({ victim, domain, code }) => {
    await midLoad(async ({ result }, pids) => {
      const killedAt = performance.now()
      process.kill(pids[victim] as number, 'SIGKILL')
      const { status, stdout, stderr } = await result
      expect(performance.now() - killedAt).toBeLessThan(1_000)
      expect(status).toBe(1)
      expect(stderr).toMatch(new RegExp(`^minibrowser: [^\\n]+\\. \\(${domain}: ${code}\\)\\n$`))
      expect(JSON.parse(stdout)).toMatchObject({ error: { domain, code } })
    })
  })

  it('takes all its children along when it is the UIProcess', async () => {
    await midLoad(async ({ child, result }) => {
      child.kill('SIGKILL')
      expect((await result).status).toBeNull()
    })
  })

  it('names the three kinds of process apart for ps', async () => {
    await midLoad(async ({ child, result }, pids) => {
      expect(pids['web']).toBeGreaterThan(0)
      expect(pids['network']).toBeGreaterThan(0)
      expect(pids['web']).not.toBe(pids['network'])
      child.kill('SIGTERM')
      await result
    })
  })
})
