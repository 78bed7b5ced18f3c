// The one shape every HTTP client under measurement has, ours and its peers. Each runs in a process of its own (worker.ts).

export type HttpProtocol = 'http/1.1' | 'h2'

/** What every contender of a workload is set up with. */
export interface ContenderOptions {
  readonly protocol: HttpProtocol
  /** Requests that will be under way at once. */
  readonly concurrency: number
  /** The authority that issued the server's certificate, in PEM. */
  readonly ca: string
}

export interface Batch {
  readonly url: string
  readonly requests: number
  readonly concurrency: number
  /** Bytes every body must have; a short body would make a client look fast. */
  readonly size: number
}

export interface Cost {
  readonly seconds: number
  /** Of every process that does this contender's work. */
  readonly cpuSeconds: number
}

export interface Contender {
  run(batch: Batch): Promise<Cost>
  close(): Promise<void>
}

export type CreateContender = (options: ContenderOptions) => Promise<Contender>

/** The CPU seconds of this process alone. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/**
 * Runs batches with `get`, which loads a URL whose body has `size` bytes to its end and answers how many bytes came.
 */
export function runWith(
  get: (url: string, size: number) => Promise<number>,
  cpuSeconds: () => number = ownCpuSeconds,
): Contender['run'] {
  return async ({ url, requests, concurrency, size }) => {
    let left = requests
    const one = async (): Promise<void> => {
      while (left-- > 0) {
        const bytes = await get(url, size)
        if (bytes !== size) throw new Error(`read ${bytes} bytes of ${size}`)
      }
    }
    const cpuBefore = cpuSeconds()
    const started = performance.now()
    await Promise.all(Array.from({ length: concurrency }, one))
    return { seconds: (performance.now() - started) / 1000, cpuSeconds: cpuSeconds() - cpuBefore }
  }
}
