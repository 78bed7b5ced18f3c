// What the sandboxes refuse, tried from inside with the launcher and the very options a WebProcess gets.

import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ListeningServer, startServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchWebProcess } from '../../src/ui-process/process-launcher.ts'
import {
  BubblewrapSandbox,
  bubblewrapArguments,
  probeBubblewrap,
  readSandboxFileSystem,
} from '../../src/ui-process/sandbox/bubblewrap.ts'
import { NoSandbox } from '../../src/ui-process/sandbox/no-sandbox.ts'
import { PermissionModelSandbox } from '../../src/ui-process/sandbox/permission-model.ts'
import type { Sandbox } from '../../src/ui-process/sandbox/sandbox.ts'
import { createSocketPair } from '../../src/ui-process/socket-pair.ts'

const hasBubblewrap = await probeBubblewrap()

let directory: string
let server: ListeningServer
let unixServer: Server
let datagramServer: DatagramSocket
let probe: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'minibrowser-test-'))
  probe = join(directory, 'probe.mjs')
  copyFileSync(fileURLToPath(new URL('sandbox-probe.mjs', import.meta.url)), probe)
  server = await startServer((_, response) => void response.end('x'))
  unixServer = createServer((socket) => socket.destroy())
  unixServer.listen(join(directory, 'unix'))
  datagramServer = createSocket('udp4', (message, { port, address }) => datagramServer.send(message, port, address))
  datagramServer.bind(0, '127.0.0.1')
  await Promise.all([once(unixServer, 'listening'), once(datagramServer, 'listening')])
})
afterAll(async () => {
  unixServer.close()
  datagramServer.close()
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

async function tryEverythingIn(sandbox: Sandbox): Promise<Record<string, string>> {
  const { first, second } = await createSocketPair()
  const written = join(directory, 'written')
  const ports = [String(server.port), String(datagramServer.address().port)]
  const args = [...ports, join(directory, 'unix'), written, addonPath()]
  const { child, stream, stderr } = launchWebProcess(sandbox, probe, args, second)
  const exited = new Promise((resolve) => child.once('exit', resolve))
  let errors = ''
  stderr.on('data', (chunk) => (errors += String(chunk)))
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  await exited
  first.destroy()
  if (text === '') throw new Error(errors)
  const results = JSON.parse(text) as Record<string, string>
  return { ...results, 'the file is there': String(existsSync(written)) }
}

/** The file need not be an addon: it is refused before, or as one that cannot be opened. */
const addonPath = (): string => join(directory, 'addon.node')

const NETWORK = [
  'net.connect',
  'net.connect to a Unix socket',
  'dgram',
  'dns.lookup',
  'dns.resolve',
  'fetch',
  'http.get',
  'tls.connect',
]
const REST = ['writing a file', 'reading a file', 'spawning a process', 'loading an addon', 'starting a worker']

describe('the probe itself', () => {
  it('succeeds at what it tries when there is no sandbox', async () => {
    const results = await tryEverythingIn(new NoSandbox())
    for (const name of ['net.connect', 'net.connect to a Unix socket', 'net.listen', 'dgram', 'fetch', 'http.get']) {
      expect([name, results[name]]).toEqual([name, 'allowed'])
    }
    for (const name of ['writing a file', 'reading a file', 'spawning a process', 'starting a worker']) {
      expect([name, results[name]]).toEqual([name, 'allowed'])
    }
    expect(results['the file is there']).toBe('true')
    rmSync(join(directory, 'written'))
  })
})

describe('the permission model', () => {
  it('refuses network, files, processes, addons, workers and the inspector', async () => {
    const results = await tryEverythingIn(new PermissionModelSandbox())
    for (const name of [...NETWORK, 'net.listen', ...REST, 'opening the inspector']) {
      expect([name, results[name]]).toEqual([name, expect.stringMatching(/^ERR_(ACCESS_DENIED|DLOPEN_DISABLED)$/)])
    }
    expect(results['the file is there']).toBe('false')
    expect(results['environment']).toBe('')
  })
})

describe.skipIf(!hasBubblewrap)('bubblewrap', () => {
  it('refuses all of it as well together with the permission model', async () => {
    const results = await tryEverythingIn(new BubblewrapSandbox())
    for (const name of [...NETWORK, 'net.listen', ...REST, 'opening the inspector']) {
      expect([name, results[name]]).toEqual([name, expect.stringMatching(/^ERR_(ACCESS_DENIED|DLOPEN_DISABLED)$/)])
    }
    expect(results['the file is there']).toBe('false')
    // Alone in its own process namespace.
    expect(results['pid']).toBe('1')
  })

  it('has the kernel refuse network, files and processes even without the permission model', async () => {
    const kernelOnly: Sandbox = {
      name: 'bubblewrap',
      command: ({ node, entryFile, args }) => ({
        file: 'bwrap',
        args: [...bubblewrapArguments(readSandboxFileSystem(), [node, entryFile]), '--', node, entryFile, ...args],
        env: { PATH: process.env['PATH'] ?? '' },
        infoDescriptor: null,
      }),
    }
    const results = await tryEverythingIn(kernelOnly)
    for (const name of [...NETWORK, 'writing a file', 'reading a file', 'spawning a process', 'loading an addon']) {
      expect([name, results[name]]).not.toEqual([name, 'allowed'])
      expect([name, results[name]]).not.toEqual([name, 'ERR_ACCESS_DENIED'])
    }
    expect(results['the file is there']).toBe('false')
  })
})
