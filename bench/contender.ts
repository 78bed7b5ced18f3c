// The one shape every client under measurement has, ours and its peers. Each runs in a process of its own (worker.ts).

export interface Contender {
  /** Loads `url`, whose body has `size` bytes, to its end and answers how many bytes came. */
  get(url: string, size: number): Promise<number>
  /** CPU seconds spent so far by every process that does this contender's work. */
  cpuSeconds(): number
  close(): Promise<void>
}

export type CreateContender = () => Promise<Contender>

/** The CPU seconds of this process alone. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
