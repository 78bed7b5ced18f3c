// The UIProcess's end of a child process: its connection, how it ended, and the certainty that it is gone. Base of
// WebProcessProxy and NetworkProcessProxy. Upstream: WebKit/UIProcess/AuxiliaryProcessProxy.cpp.

import { EventEmitter } from 'node:events'
import { Connection } from '@wpe-networking/webkit-network-process/connection'
import { publishProcess } from '../diagnostics.ts'
import type { LaunchedProcess } from './process-launcher.ts'
import { ProcessStderr } from './process-stderr.ts'

/** Why a process is over. The sentence is whole, for the user. */
export interface ProcessTermination {
  readonly reason: 'closed' | 'crashed' | 'invalid-message'
  readonly sentence: string
}

export interface AuxiliaryProcessProxyEvents {
  /** Once, when the process is of no more use; it has been killed but may take some milliseconds to be gone. */
  terminated: [termination: ProcessTermination]
}

export interface AuxiliaryProcessOptions {
  /** Unique among the children of this UIProcess. */
  readonly identifier: number
  /** Gets what the process writes on stderr, made safe; `null` keeps it to explain a crash only. */
  readonly onStderrLine: ((line: string) => void) | null
}

/** How long a process may take to end itself once its connection is closed. */
const CLOSE_GRACE_MS = 1_000
/** How long the exit status may take to follow the end of the connection. */
const EXIT_STATUS_GRACE_MS = 150

export class AuxiliaryProcessProxy extends EventEmitter<AuxiliaryProcessProxyEvents> {
  readonly identifier: number
  /** Not yet open: whoever adds the receivers opens it. */
  readonly connection: Connection
  readonly #kind: string
  readonly #launched: LaunchedProcess
  readonly #stderr: ProcessStderr
  readonly #exited: Promise<void>
  #exitSentence: string | null = null
  #pid: number | null = null
  #isTerminated = false

  /** @param kind As users know it, such as "web process". */
  constructor(kind: string, launched: LaunchedProcess, options: AuxiliaryProcessOptions) {
    super()
    this.identifier = options.identifier
    this.#kind = kind
    this.#launched = launched
    this.#stderr = new ProcessStderr(launched.stderr, options.onStderrLine)
    this.connection = new Connection(launched.stream, { name: `UIProcess to ${kind} ${options.identifier}` })
    this.connection.on('close', (reason) => {
      if (reason.code === 'INVALID_MESSAGE')
        this.#terminate('invalid-message', `The ${kind} broke the protocol: ${reason.message}`)
      else void this.#terminateAfterExit()
    })
    this.#exited = new Promise((resolve) => {
      const { child } = launched
      if (typeof child.exitCode === 'number' || typeof child.signalCode === 'string') {
        this.#exitSentence = this.#describeExit(child.exitCode, child.signalCode)
        resolve()
        return
      }
      // A process that could not even be started has no exit, only an error.
      child.once('error', (error) => {
        this.#exitSentence ??= `The ${kind} could not be started: ${error.message}.`
        resolve()
      })
      child.once('exit', (status, signal) => {
        this.#exitSentence ??= this.#describeExit(status, signal)
        resolve()
      })
    })
    void this.#exited.then(() => {
      this.#terminate('crashed', this.#exitSentence ?? `The ${kind} ended unexpectedly.`)
    })
    launched.pid.then(
      (pid) => {
        this.#pid = pid
        publishProcess({ stage: 'launched', kind, identifier: options.identifier, pid })
      },
      () => {}, // A process without a pid ends, and that is reported.
    )
  }

  /** Process id of the program; `null` until it is known, soon after the launch. */
  get pid(): number | null {
    return this.#pid
  }

  get isTerminated(): boolean {
    return this.#isTerminated
  }

  /** What the launcher made. */
  get launched(): LaunchedProcess {
    return this.#launched
  }

  /** Ends the process for what it did: at once, and with a reason that listeners are told. */
  terminate(reason: ProcessTermination['reason'], sentence: string): void {
    this.#terminate(reason, sentence)
  }

  /** Lets the process end itself, kills it when it does not, and resolves when it is gone. May be called twice. */
  async close(): Promise<void> {
    this.#isTerminated = true
    this.connection.close()
    const timer = setTimeout(() => this.#launched.child.kill('SIGKILL'), CLOSE_GRACE_MS)
    await this.#exited
    clearTimeout(timer)
  }

  async #terminateAfterExit(): Promise<void> {
    if (this.#isTerminated) return
    let timer: NodeJS.Timeout | undefined
    await Promise.race([this.#exited, new Promise((resolve) => (timer = setTimeout(resolve, EXIT_STATUS_GRACE_MS)))])
    clearTimeout(timer)
    this.#terminate('crashed', this.#exitSentence ?? `The ${this.#kind} closed its connection.`)
  }

  #terminate(reason: ProcessTermination['reason'], sentence: string): void {
    if (this.#isTerminated) return
    this.#isTerminated = true
    publishProcess({ stage: 'exited', kind: this.#kind, identifier: this.identifier, reason: sentence })
    this.connection.close()
    this.#launched.child.kill('SIGKILL')
    this.emit('terminated', { reason, sentence })
  }

  #describeExit(status: number | null, signal: NodeJS.Signals | null): string {
    const fatalReason = this.#stderr.fatalReason
    if (fatalReason !== null) return `The ${this.#kind} ended after an error: ${fatalReason.replace(/\.?$/, '.')}`
    // A sandbox that stands in between reports a signal as 128 and its number, as shells do.
    const name = signal ?? (status === 137 ? 'SIGKILL' : null)
    if (name !== null) return `The ${this.#kind} was killed by ${name}.`
    return `The ${this.#kind} ended unexpectedly with status ${status ?? 'unknown'}.`
  }
}
