// Runs this project and its peers alternately against one server process and prints ratios. Each contender has a process of
// its own; a round gives each one batch in turn, so that a noisy moment of the machine hits all of them alike.
//
//   npm run bench                 the whole table
//   npm run bench -- --smoke      one short round of everything, to see that it all runs
//   npm run bench -- --only=256   the workloads whose title has this in it
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ask, endLater, endProcesses, endWorker, LAUNCHES, median, startWorker } from './processes.ts'
import { benchTransport } from './transport/transport.ts'
import type { Batch, Cost } from './worker.ts'

const { values: options } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})

interface Workload {
  title: string
  size: number
  concurrency: number
  requests: number
  rounds: number
}

const workloads: Workload[] = [
  { title: '1 KB GET, keep-alive, 1 at once', size: 1024, concurrency: 1, requests: 3_000, rounds: 5 },
  { title: '1 KB GET, keep-alive, 16 at once', size: 1024, concurrency: 16, requests: 10_000, rounds: 7 },
  { title: '1 KB GET, keep-alive, 128 at once', size: 1024, concurrency: 128, requests: 10_000, rounds: 5 },
  { title: '256 MB download', size: 256 * 2 ** 20, concurrency: 1, requests: 1, rounds: 5 },
]

/** What design targets are stated against; a ratio is better the larger it is. */
interface Target {
  contender: string
  peer: string
  measure: 'cpu' | 'rate'
  atLeast: number
  workload: (workload: Workload) => boolean
}

const isSmall = ({ size, concurrency }: Workload): boolean => size === 1024 && concurrency === 16
const isBulk = ({ size }: Workload): boolean => size > 2 ** 20

const targets: Target[] = [
  { contender: 'soup-session', peer: 'undici-request', measure: 'cpu', atLeast: 1 / 0.75, workload: isSmall },
  { contender: 'soup-session', peer: 'undici-dispatch', measure: 'rate', atLeast: 1, workload: isBulk },
  { contender: 'two-processes', peer: 'undici-fetch', measure: 'rate', atLeast: 1, workload: isSmall },
  { contender: 'two-processes', peer: 'undici-fetch', measure: 'rate', atLeast: 1.1, workload: isBulk },
]

const contenders = ['undici-dispatch', 'undici-request', 'undici-fetch', 'node-http', 'soup-session', 'two-processes']

const here = import.meta.dirname

async function startOrigin(): Promise<string> {
  const child = spawn(process.execPath, [join(here, 'origin.ts')], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  endLater(child)
  const [port] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return `http://127.0.0.1:${port}`
}

function startContender(contender: string): Promise<ChildProcess> {
  // As WebProcesses are started; the peers would not use it.
  return startWorker(join(here, 'worker.ts'), contender, contender === 'two-processes' ? ['--expose-gc'] : [])
}

interface Row {
  contender: string
  /** Requests or, for a bulk workload, MB per second: the median of the rounds. */
  rate: number
  cpuMicros: number
}

/** One start of every contender: a warm-up, then batches in turn. */
async function runLaunch(workload: Workload, batch: Batch, costs: Map<string, Cost[]>): Promise<void> {
  const workers = new Map<string, ChildProcess>()
  for (const contender of contenders) workers.set(contender, await startContender(contender))
  // Until everything has been compiled for this workload; not counted.
  for (let round = 0; round < (options.smoke ? 1 : 3); round++) {
    for (const worker of workers.values()) await ask(worker, batch)
  }
  for (let round = 0; round < (options.smoke ? 1 : workload.rounds); round++) {
    // Every round begins with another contender, so that none always follows the same neighbour.
    const order = contenders.map((_, index) => contenders[(index + round) % contenders.length]!)
    for (const contender of order) costs.get(contender)!.push(await ask<Cost>(workers.get(contender)!, batch))
  }
  for (const worker of workers.values()) await endWorker(worker)
}

async function run(workload: Workload, origin: string): Promise<Row[]> {
  const { size, concurrency } = workload
  const requests = options.smoke ? Math.min(workload.requests, 32) : workload.requests
  const batch: Batch = { url: `${origin}/${size}`, requests, concurrency, size }
  const costs = new Map(contenders.map((contender) => [contender, [] as Cost[]]))
  for (let launch = 0; launch < (options.smoke ? 1 : LAUNCHES); launch++) await runLaunch(workload, batch, costs)
  const units = isBulk(workload) ? (size * requests) / 1e6 : requests
  return contenders.map((contender) => ({
    contender,
    rate: units / median(costs.get(contender)!.map(({ seconds }) => seconds)),
    cpuMicros: (median(costs.get(contender)!.map(({ cpuSeconds }) => cpuSeconds)) * 1e6) / requests,
  }))
}

function print(workload: Workload, rows: Row[]): void {
  const unit = isBulk(workload) ? 'MB/s' : 'req/s'
  const request = rows.find(({ contender }) => contender === 'undici-request')!
  console.log(`\n### ${workload.title}\n`)
  console.log(`| client | ${unit} | × undici.request | CPU µs per request | × undici.request |`)
  console.log('| --- | ---: | ---: | ---: | ---: |')
  for (const { contender, rate, cpuMicros } of rows) {
    const cells = [rate.toFixed(0), (rate / request.rate).toFixed(2), cpuMicros.toFixed(1)]
    console.log(`| ${contender} | ${cells.join(' | ')} | ${(cpuMicros / request.cpuMicros).toFixed(2)} |`)
  }
  for (const target of targets.filter(({ workload: wanted }) => wanted(workload))) {
    const ours = rows.find(({ contender }) => contender === target.contender)!
    const peer = rows.find(({ contender }) => contender === target.peer)!
    const ratio = target.measure === 'cpu' ? peer.cpuMicros / ours.cpuMicros : ours.rate / peer.rate
    const verdict = ratio >= target.atLeast ? 'reached' : 'MISSED'
    const what = target.measure === 'cpu' ? 'CPU per request, peer / ours' : `${unit}, ours / peer`
    console.log(
      `\n${verdict}: ${target.contender} to ${target.peer}, ${what}: ${ratio.toFixed(2)} (wanted ≥ ${target.atLeast.toFixed(2)})`,
    )
  }
}

try {
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${new Date().toISOString().slice(0, 10)}`,
  )
  const origin = await startOrigin()
  for (const workload of workloads.filter(({ title }) => title.includes(options.only)))
    print(workload, await run(workload, origin))
  await benchTransport(options)
} finally {
  endProcesses()
}
