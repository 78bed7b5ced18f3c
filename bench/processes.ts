// The worker processes of the benchmarks: started, asked, ended.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

const children: ChildProcess[] = []

/** Takes care that `child` is gone in the end, whatever happens. */
export function endLater(child: ChildProcess): void {
  children.push(child)
}

/** Ends every process that is still there. */
export function endProcesses(): void {
  for (const child of children) {
    if (child.connected) child.disconnect()
    else child.kill()
  }
}

/** The next message of `child`; its exit status instead when it ends. */
async function messageOrExit(child: ChildProcess): Promise<unknown[]> {
  const settled = new AbortController()
  const { signal } = settled
  try {
    return (await Promise.race([once(child, 'message', { signal }), once(child, 'exit', { signal })])) as unknown[]
  } finally {
    settled.abort()
  }
}

/** Starts `script` for one contender and waits until it says that it is ready. */
export async function startWorker(
  script: string,
  contender: string,
  execArgv: string[] = [],
  args: string[] = [],
): Promise<ChildProcess> {
  const child = fork(script, [contender, ...args], { execArgv })
  endLater(child)
  const [first] = await messageOrExit(child)
  if (first !== 'ready') throw new Error(`${contender} did not start`)
  return child
}

/** Sends `question` to a worker and waits for its answer. */
export async function ask<Answer extends object>(worker: ChildProcess, question: object): Promise<Answer> {
  worker.send(question)
  const [answer] = await messageOrExit(worker)
  if (typeof answer !== 'object' || answer === null) throw new Error('a contender ended in the middle of a batch')
  return answer as Answer
}

/** Lets a worker end by itself. */
export async function endWorker(worker: ChildProcess): Promise<void> {
  worker.disconnect()
  await once(worker, 'exit')
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

/** How often all contenders are started anew: what a process settles on when it warms up differs from start to start. */
export const LAUNCHES = 3
