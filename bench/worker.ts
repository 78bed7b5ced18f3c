// A process around one contender: runs a batch whenever main.ts asks for one and answers with what it cost.
import type { CreateContender } from './contender.ts'

export interface Batch {
  url: string
  requests: number
  concurrency: number
  /** Bytes every body must have; a short body would make a client look fast. */
  size: number
}

export interface Cost {
  seconds: number
  cpuSeconds: number
}

const { create } = (await import(`./contenders/${process.argv[2]}.ts`)) as { create: CreateContender }
const contender = await create()

async function run({ url, requests, concurrency, size }: Batch): Promise<Cost> {
  let left = requests
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const bytes = await contender.get(url, size)
      if (bytes !== size) throw new Error(`${process.argv[2]} read ${bytes} bytes of ${size}`)
    }
  }
  const cpuBefore = contender.cpuSeconds()
  const started = performance.now()
  await Promise.all(Array.from({ length: concurrency }, one))
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: contender.cpuSeconds() - cpuBefore }
}

process.on('message', (batch: Batch) => {
  run(batch).then(
    (cost) => process.send!(cost),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => {
  void contender.close().finally(() => process.exit())
})
process.send!('ready')
