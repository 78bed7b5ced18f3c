// A contender that is a program of its own: answers each batch, a line of words on its stdin, with a line of two numbers,
// the seconds it took and the CPU seconds it used.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Contender } from '../contender.ts'

export function nativeContender(program: string, args: readonly string[], onClose: () => Promise<void>): Contender {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    run: async ({ url, requests, concurrency, size }) => {
      child.stdin.write(`${url} ${requests} ${concurrency} ${size}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`${program} ended in the middle of a batch`)
      const [seconds, cpuSeconds] = value.split(' ').map(Number)
      return { seconds: seconds!, cpuSeconds: cpuSeconds! }
    },
    close: async () => {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
      await onClose()
    },
  }
}
