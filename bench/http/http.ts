// The HTTP clients side by side: runs the workloads against one server process and prints a table and the targets of each.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ask, endLater, endWorker, LAUNCHES, median, startWorker } from '../processes.ts'
import type { Batch, ContenderOptions, Cost } from './contender.ts'
import type { Origins } from './origin.ts'
import { isBulk, NEEDS, protocolOf, workloads, type Target, type Workload } from './workloads.ts'

interface Row {
  readonly contender: string
  /** Requests or, for a bulk workload, MB per second: the median of the rounds. */
  readonly rate: number
  readonly cpuMicros: number
}

/** Runs every workload whose title has `only` in it; one short round of each with `smoke`. */
export async function benchHttp({ smoke, only }: { smoke: boolean; only: string }): Promise<void> {
  const wanted = workloads.filter(({ title }) => title.includes(only))
  if (wanted.length === 0) return
  const origins = await startOrigin()
  for (const workload of wanted) {
    const contenders = workload.contenders.filter(isInstalled)
    print(workload, await run({ ...workload, contenders }, origins, smoke))
  }
}

function isInstalled(contender: string): boolean {
  const [command, ...args] = NEEDS[contender] ?? []
  if (command === undefined) return true
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

async function startOrigin(): Promise<Origins> {
  const script = join(import.meta.dirname, 'origin.ts')
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  endLater(child)
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return JSON.parse(line) as Origins
}

function startContender(contender: string, options: ContenderOptions): Promise<ChildProcess> {
  // As WebProcesses are started; the peers would not use it.
  const execArgv = contender === 'two-processes' ? ['--expose-gc'] : []
  return startWorker(join(import.meta.dirname, 'worker.ts'), contender, execArgv, [JSON.stringify(options)])
}

async function run(workload: Workload, origins: Origins, smoke: boolean): Promise<Row[]> {
  const { size, concurrency, contenders, path = '' } = workload
  const requests = smoke ? Math.min(workload.requests, 32) : workload.requests
  const batch: Batch = { url: `${origins[workload.origin]}${path}/${size}`, requests, concurrency, size }
  const options: ContenderOptions = { protocol: protocolOf(workload), concurrency, ca: origins.ca }
  const costs = new Map(contenders.map((contender) => [contender, [] as Cost[]]))
  for (let launch = 0; launch < (smoke ? 1 : LAUNCHES); launch++) {
    await runLaunch(workload, options, batch, costs, smoke)
  }
  const units = isBulk(workload) ? (size * requests) / 1e6 : requests
  return contenders.map((contender) => ({
    contender,
    rate: units / median(costs.get(contender)!.map(({ seconds }) => seconds)),
    cpuMicros: (median(costs.get(contender)!.map(({ cpuSeconds }) => cpuSeconds)) * 1e6) / requests,
  }))
}

/** One start of every contender: a warm-up, then batches in turn. */
async function runLaunch(
  { contenders, rounds }: Workload,
  options: ContenderOptions,
  batch: Batch,
  costs: Map<string, Cost[]>,
  smoke: boolean,
): Promise<void> {
  const workers = new Map<string, ChildProcess>()
  for (const contender of contenders) workers.set(contender, await startContender(contender, options))
  // Until everything has been compiled for this workload; not counted.
  for (let round = 0; round < (smoke ? 1 : 3); round++) {
    for (const worker of workers.values()) await ask(worker, batch)
  }
  for (let round = 0; round < (smoke ? 1 : rounds); round++) {
    // Every round begins with another contender, so that none always follows the same neighbour.
    const order = contenders.map((_, index) => contenders[(index + round) % contenders.length]!)
    for (const contender of order) costs.get(contender)!.push(await ask<Cost>(workers.get(contender)!, batch))
  }
  for (const worker of workers.values()) await endWorker(worker)
}

function print(workload: Workload, rows: readonly Row[]): void {
  const unit = isBulk(workload) ? 'MB/s' : 'req/s'
  const [first] = rows as [Row, ...Row[]]
  console.log(`\n### ${workload.title}\n`)
  console.log(`| client | ${unit} | × ${first.contender} | CPU µs per request | × ${first.contender} |`)
  console.log('| --- | ---: | ---: | ---: | ---: |')
  for (const { contender, rate, cpuMicros } of rows) {
    const cells = [rate.toFixed(0), (rate / first.rate).toFixed(2), cpuMicros.toFixed(1)]
    console.log(`| ${contender} | ${cells.join(' | ')} | ${(cpuMicros / first.cpuMicros).toFixed(2)} |`)
  }
  for (const target of workload.targets) printTarget(target, rows, unit)
}

function printTarget({ contender, peer, measure, atLeast }: Target, rows: readonly Row[], unit: string): void {
  const ours = rows.find((row) => row.contender === contender)!
  const theirs = rows.find((row) => row.contender === peer)
  if (!theirs) {
    console.log(`\nnot measured: ${contender} to ${peer}, which is not installed`)
    return
  }
  const ratio = measure === 'cpu' ? theirs.cpuMicros / ours.cpuMicros : ours.rate / theirs.rate
  const verdict = ratio >= atLeast ? 'reached' : 'MISSED'
  const what = measure === 'cpu' ? 'CPU per request, peer / ours' : `${unit}, ours / peer`
  console.log(`\n${verdict}: ${contender} to ${peer}, ${what}: ${ratio.toFixed(2)} (wanted ≥ ${atLeast.toFixed(2)})`)
}
