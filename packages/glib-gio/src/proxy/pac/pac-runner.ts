// Runs one proxy auto-configuration script in a thread. Called by PacProxyResolver.

import { networkInterfaces } from 'node:os'
import { Worker } from 'node:worker_threads'
import { IOError } from '../../io-error.ts'
import { Resolver, ResolverNameLookupFlags } from '../../resolver/resolver.ts'
import { waitFor } from '../../wait-for.ts'
import type { PacReply, PacRequest, PacWorkerData } from './pac-messages.ts'

export interface PacRunnerOptions {
  readonly resolver?: Resolver | null
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

interface Running {
  readonly worker: Worker
  readonly lookups: Map<number, PromiseWithResolvers<unknown>>
  /** Stops the questions of the script about names. */
  readonly stop: AbortController
  names: number
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

  /** What the script returned. @throws {IOError} `TIMED_OUT`, `PROXY_FAILED`, `NOT_SUPPORTED`, `CANCELLED`. */
  async findProxyForUrl(url: string, host: string, { signal }: { signal?: AbortSignal | undefined }): Promise<unknown> {
    const running = (this.#running ??= this.#start())
    clearTimeout(this.#idle)
    const id = ++this.#lastId
    const lookup = Promise.withResolvers<unknown>()
    if (running.lookups.size === 0) {
      running.names = 0
      running.worker.ref()
    }
    running.lookups.set(id, lookup)
    this.#post(running, { type: 'find', id, url, host })
    try {
      return await waitFor(lookup.promise, {
        signal,
        timeoutMs: this.#options.timeout ?? DEFAULT_TIMEOUT_MS,
        onTimeout: () => {
          const error = new IOError('TIMED_OUT', 'The proxy auto-configuration script took too long.')
          this.#end(running, error) // a thread in an endless loop hears nothing else
          return error
        },
      })
    } finally {
      running.lookups.delete(id)
      if (running.lookups.size === 0) this.#rest(running)
    }
  }

  /** Ends the thread; what it was asked fails with `CLOSED`. */
  close(): void {
    if (this.#running) this.#end(this.#running, new IOError('CLOSED', 'The proxy resolver was closed.'))
  }

  #start(): Running {
    const workerData: PacWorkerData = { script: this.#script, ownAddress: ownAddress() }
    let worker: Worker
    try {
      worker = new Worker(WORKER, {
        workerData,
        env: {},
        execArgv: [],
        stderr: true,
        stdout: true,
        resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
      })
    } catch (error) {
      throw IOError.fromNode(error, 'Could not run the proxy auto-configuration script')
    }
    const running: Running = { worker, lookups: new Map(), stop: new AbortController(), names: 0 }
    const failed = (message: string): void => this.#end(running, scriptFailed(message))
    worker.on('message', (message: PacReply) => this.#onReply(running, message))
    worker.on('error', (error: unknown) => failed(error instanceof Error ? error.message : String(error)))
    worker.on('exit', () => failed('its thread has ended'))
    return running
  }

  #onReply(running: Running, reply: PacReply): void {
    switch (reply.type) {
      case 'found':
        running.lookups.get(reply.id)?.resolve(reply.result)
        break
      case 'failed':
        running.lookups.get(reply.id)?.reject(scriptFailed(reply.message))
        if (reply.isFatal) this.#end(running, scriptFailed(reply.message))
        break
      case 'resolve':
        void this.#resolveName(running, reply.dnsId, reply.host)
        break
      case 'missing': {
        const text = 'Proxy auto-configuration needs the packages pac-resolver and quickjs-wasi.'
        this.#end(running, new IOError('NOT_SUPPORTED', text, { cause: new Error(reply.message) }))
      }
    }
  }

  async #resolveName(running: Running, dnsId: number, host: string): Promise<void> {
    if (++running.names > MAX_NAMES * Math.max(running.lookups.size, 1)) {
      this.#end(running, scriptFailed('it asks for too many names'))
      return
    }
    let address: string | null = null
    try {
      const resolver = this.#options.resolver ?? Resolver.getDefault()
      const flags = ResolverNameLookupFlags.IPV4_ONLY
      address = (await resolver.lookupByName(host, { flags, signal: running.stop.signal }))[0]?.toString() ?? null
    } catch {
      // The script's functions say only whether there is an address.
    }
    if (this.#running === running) this.#post(running, { type: 'resolved', dnsId, address })
  }

  #post(running: Running, request: PacRequest): void {
    running.worker.postMessage(request)
  }

  #rest(running: Running): void {
    if (this.#running !== running) return
    running.worker.unref()
    this.#idle = setTimeout(() => this.close(), IDLE_MS).unref()
  }

  #end(running: Running, error: IOError): void {
    if (this.#running === running) {
      this.#running = null
      clearTimeout(this.#idle)
    }
    running.stop.abort()
    for (const lookup of running.lookups.values()) lookup.reject(error)
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
