// Runs one proxy auto-configuration script in a thread. Called by PacProxyResolver.

import { networkInterfaces } from 'node:os'
import { Worker } from 'node:worker_threads'
import { IOError } from '../../io-error.ts'
import { Resolver, ResolverNameLookupFlags } from '../../resolver/resolver.ts'
import { waitFor } from '../../wait-for.ts'
import type { PacReply, PacRequest, PacWorkerData } from './pac-messages.ts'

export interface PacRunnerOptions {
  readonly resolver?: Resolver | null
  /** Milliseconds. */
  readonly timeout?: number
}

const DEFAULT_TIMEOUT_MS = 5000
/** How long a thread is kept that nobody asks anything. */
const IDLE_MS = 60_000
/** Most names a script may ask for during one lookup. */
const MAX_NAMES = 64
const MAX_MESSAGE_LENGTH = 200
/** Built, this file and the thread's are neighbours; from the sources Node runs TypeScript as it is. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './pac-worker.ts' : './pac-worker.js', import.meta.url)

type Answer = Extract<PacReply, { type: 'found' | 'needs-name' }>

interface Lookup {
  readonly url: string
  readonly host: string
  readonly signal: AbortSignal
  /** Whether the thread owes it an answer; otherwise a name is being looked up. */
  isInThread: boolean
}

interface Running {
  readonly worker: Worker
  readonly requests: Map<number, PromiseWithResolvers<Answer>>
}

/** Starts its thread when asked something, ends it when idle; the thread does not keep the process alive. */
export class PacRunner {
  readonly #script: string
  readonly #options: PacRunnerOptions
  #running: Running | null = null
  #idle: NodeJS.Timeout | undefined
  #lastId = 0

  constructor(script: string, options: PacRunnerOptions = {}) {
    this.#script = script
    this.#options = options
  }

  /** What the script returned. @throws {IOError} `TIMED_OUT`, `PROXY_FAILED`, `NOT_SUPPORTED`, `CANCELLED`, `CLOSED`. */
  async findProxyForUrl(url: string, host: string, { signal }: { signal?: AbortSignal | undefined }): Promise<unknown> {
    const stop = new AbortController()
    const lookup: Lookup = { url, host, signal: stop.signal, isInThread: false }
    try {
      return await waitFor(this.#find(lookup), {
        signal,
        timeoutMs: this.#options.timeout ?? DEFAULT_TIMEOUT_MS,
        onTimeout: () => {
          const error = new IOError('TIMED_OUT', 'The proxy auto-configuration script took too long.')
          // A thread in an endless loop hears nothing else; one that waits for a name is at the service of others.
          if (this.#running && lookup.isInThread) this.#end(this.#running, error)
          return error
        },
      })
    } finally {
      stop.abort()
    }
  }

  /** Ends the thread; what it was asked fails with `CLOSED`. */
  close(): void {
    if (this.#running) this.#end(this.#running, new IOError('CLOSED', 'The proxy resolver was closed.'))
  }

  /** Runs the script until it has met no name that is not known yet. */
  async #find(lookup: Lookup): Promise<unknown> {
    const { url, host, signal } = lookup
    const names = new Map<string, string | null>()
    for (;;) {
      lookup.isInThread = true
      const answer = await this.#run({ url, host, names })
      lookup.isInThread = false
      if (answer.type === 'found') return answer.result
      if (names.size >= MAX_NAMES) throw scriptFailed('it asks for too many names')
      names.set(answer.name, await this.#resolveName(answer.name, signal))
      IOError.throwIfCancelled(signal)
    }
  }

  /** The script's functions tell only whether there is an address, not what went wrong. */
  async #resolveName(name: string, signal: AbortSignal): Promise<string | null> {
    const resolver = this.#options.resolver ?? Resolver.getDefault()
    try {
      const [first] = await resolver.lookupByName(name, { flags: ResolverNameLookupFlags.IPV4_ONLY, signal })
      return first?.toString() ?? null
    } catch {
      return null
    }
  }

  async #run(question: Omit<PacRequest, 'id'>): Promise<Answer> {
    const running = (this.#running ??= this.#start())
    const id = ++this.#lastId
    const request = Promise.withResolvers<Answer>()
    clearTimeout(this.#idle)
    running.worker.ref()
    running.requests.set(id, request)
    running.worker.postMessage({ ...question, id } satisfies PacRequest)
    try {
      return await request.promise
    } finally {
      running.requests.delete(id)
      if (running.requests.size === 0) this.#rest(running)
    }
  }

  #start(): Running {
    const workerData: PacWorkerData = { script: this.#script, ownAddress: ownAddress() }
    let worker: Worker
    try {
      const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }
      worker = new Worker(WORKER, { workerData, env: {}, execArgv: [], stderr: true, stdout: true, resourceLimits })
    } catch (error) {
      throw IOError.fromNode(error, 'Could not run the proxy auto-configuration script')
    }
    const running: Running = { worker, requests: new Map() }
    const failed = (message: string): void => this.#end(running, scriptFailed(message))
    worker.on('message', (reply: PacReply) => this.#onReply(running, reply))
    worker.on('error', (error: unknown) => failed(error instanceof Error ? error.message : String(error)))
    worker.on('exit', () => failed('its thread has ended'))
    return running
  }

  #onReply(running: Running, reply: PacReply): void {
    if (reply.type === 'missing') {
      const text = 'Proxy auto-configuration needs the packages pac-resolver and quickjs-wasi.'
      this.#end(running, new IOError('NOT_SUPPORTED', text, { cause: new Error(reply.message) }))
    } else if (reply.type === 'failed') {
      const error = scriptFailed(reply.message)
      running.requests.get(reply.id)?.reject(error)
      if (reply.isFatal) this.#end(running, error)
    } else {
      running.requests.get(reply.id)?.resolve(reply)
    }
  }

  #rest(running: Running): void {
    if (this.#running !== running) return
    running.worker.unref()
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.close(), IDLE_MS).unref()
  }

  #end(running: Running, error: IOError): void {
    if (this.#running === running) {
      this.#running = null
      clearTimeout(this.#idle)
    }
    for (const request of running.requests.values()) request.reject(error)
    running.worker.removeAllListeners().on('error', () => undefined)
    void running.worker.terminate()
  }
}

/** Messages of scripts end up on terminals: one short line. */
function scriptFailed(message: string): IOError {
  // eslint-disable-next-line no-control-regex -- taking them out is the point
  const line = message.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, MAX_MESSAGE_LENGTH)
  return new IOError('PROXY_FAILED', `The proxy auto-configuration script failed: ${line.replace(/[.\s]+$/, '')}.`)
}

function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}
