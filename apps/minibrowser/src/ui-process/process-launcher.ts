// Starts the child processes with the descriptors they expect. Upstream: WebKit/UIProcess/Launcher/glib/
// ProcessLauncherGLib.cpp. Descriptors: WebProcess 3 = UIProcess, 4 = NetworkProcess; NetworkProcess 3 = Node's own
// channel, used only to receive sockets, 4 = UIProcess.

import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Sandbox } from './sandbox/sandbox.ts'

export interface LaunchedProcess {
  readonly child: ChildProcess
  /** Stream for the connection to the UIProcess. */
  readonly stream: Duplex
  readonly stderr: Readable
  /** Process id of the program itself, which is not the child's when a sandbox stands in between. */
  readonly pid: Promise<number>
}

/** Path of an entry file that the build puts beside this module's bundle. */
export function entryFile(name: 'web-process.js' | 'network-process.js'): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url))
}

/** Processes that bodies pass through collect the buffers themselves: webkit-network-process's body-buffer-collector.ts. */
export const NODE_OPTIONS: readonly string[] = ['--expose-gc']

/** Starts the NetworkProcess. It keeps the environment: proxies, trust stores and `GIO_USE_TLS` are named there. */
export function launchNetworkProcess(file: string, args: readonly string[]): LaunchedProcess {
  const stdio: StdioOptions = ['ignore', 'ignore', 'pipe', 'ipc', 'pipe']
  const child = spawn(process.execPath, [...NODE_OPTIONS, file, ...args], { stdio })
  child.on('error', leaveToProxy)
  return { child, stream: child.stdio[4] as Duplex, stderr: child.stderr as Readable, pid: pidOf(child) }
}

/**
 * Starts a WebProcess in `sandbox`; `networkSocket` becomes its descriptor 4 and is closed in this process.
 */
export function launchWebProcess(
  sandbox: Sandbox,
  file: string,
  args: readonly string[],
  networkSocket: Socket,
): LaunchedProcess {
  const command = sandbox.command({ node: process.execPath, nodeOptions: NODE_OPTIONS, entryFile: file, args })
  const stdio: StdioOptions = ['ignore', 'ignore', 'pipe', 'pipe', networkSocket]
  if (command.infoDescriptor !== null) stdio[command.infoDescriptor] = 'pipe'
  const child = spawn(command.file, command.args, { stdio, env: command.env })
  child.on('error', leaveToProxy)
  networkSocket.destroy()
  const info = command.infoDescriptor === null ? null : (child.stdio[command.infoDescriptor] as Readable)
  return {
    child,
    stream: child.stdio[3] as Duplex,
    stderr: child.stderr as Readable,
    pid: info === null ? pidOf(child) : pidFromInfo(info),
  }
}

/** A process that could not be started says so to its proxy, which may not be there yet; it finds no process id then. */
function leaveToProxy(): void {}

function pidOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    if (child.pid !== undefined) resolve(child.pid)
    else child.once('error', reject)
  })
}

const MAX_INFO_CHARACTERS = 4_096

/**
 * Reads bubblewrap's `{ "child-pid": … }`. It goes on writing after the pid and would die of a closed pipe, leaving a
 * process behind that waits for it, so the stream is read to its end.
 */
function pidFromInfo(info: Readable): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    info.setEncoding('utf8')
    info.on('data', (chunk: string) => {
      if (text.length > MAX_INFO_CHARACTERS) return
      text += chunk
      const pid = /"child-pid":\s*(\d+)\D/.exec(text)?.[1]
      if (pid !== undefined) resolve(Number(pid))
    })
    const fail = (): void => {
      reject(new Error('The sandbox did not say which process it started.'))
    }
    info.on('error', fail)
    info.on('close', fail)
  })
}
