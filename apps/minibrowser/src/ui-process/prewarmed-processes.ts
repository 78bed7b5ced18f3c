// Starts the processes that the first load will need before it is known what is loaded, and before the rest of the
// UIProcess is: they take longer to start than anything here. Used by WebContext, and by the command line even earlier.
// Upstream: WebKit/UIProcess/WebProcessPool.cpp (prewarmProcess).

import type { Socket } from 'node:net'
import { formatProcessArguments } from '../process-arguments.ts'
import { entryFile, type LaunchedProcess, launchNetworkProcess, launchWebProcess } from './process-launcher.ts'
import { chooseSandbox, type SandboxOptions } from './sandbox/choose-sandbox.ts'
import type { Sandbox } from './sandbox/sandbox.ts'
import { createSocketPair } from './socket-pair.ts'

export interface LaunchOptions extends SandboxOptions {
  /** Start of the trace's clock, in ms since the epoch; `null` when there is no trace. */
  readonly traceStart: number | null
}

/** A WebProcess that belongs to no site yet. */
export interface LaunchedWebProcess {
  readonly launched: LaunchedProcess
  readonly sandbox: Sandbox
  /** The NetworkProcess's end of its connection. */
  readonly networkSocket: Socket
}

/** Whoever is given these owns them. */
export interface PrewarmedProcesses {
  readonly networkProcess: LaunchedProcess
  readonly sandbox: Promise<Sandbox>
  readonly webProcess: Promise<LaunchedWebProcess>
}

/** The identifier of a WebProcess that was started before there was anybody to count. */
export const PREWARMED_WEB_PROCESS_IDENTIFIER = 1

/** Starts one of each; what cannot be started is told by the promises, when they are awaited. */
export function prewarmProcesses(options: LaunchOptions): PrewarmedProcesses {
  const networkProcess = startNetworkProcess(options)
  const sandbox = chooseSandbox(options)
  const webProcess = startWebProcess(sandbox, PREWARMED_WEB_PROCESS_IDENTIFIER, options)
  sandbox.catch(() => {}) // Told by `webProcess` as well.
  webProcess.catch(() => {}) // Told when it is awaited; until then it is no unhandled rejection.
  return { networkProcess, sandbox, webProcess }
}

export function startNetworkProcess({ traceStart }: LaunchOptions): LaunchedProcess {
  return launchNetworkProcess(entryFile('network-process.js'), formatProcessArguments({ identifier: 0, traceStart }))
}

/** @throws {LoadError} `WebKitProcessError` `SANDBOX_UNAVAILABLE`. */
export async function startWebProcess(
  sandbox: Promise<Sandbox>,
  identifier: number,
  { traceStart }: LaunchOptions,
): Promise<LaunchedWebProcess> {
  const [chosen, { first, second }] = await Promise.all([sandbox, createSocketPair()])
  const args = formatProcessArguments({ identifier, traceStart })
  return {
    launched: launchWebProcess(chosen, entryFile('web-process.js'), args, second),
    sandbox: chosen,
    networkSocket: first,
  }
}
