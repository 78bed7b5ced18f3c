// What gio and both TLS libraries cost beside raw node:net and node:tls: runs the workloads below HTTP and prints ratios.
import { spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { ask, endWorker, LAUNCHES, median, startWorker } from '../processes.ts'
import type { TransportBatch, TransportCost } from './worker.ts'

interface Target {
  readonly contender: string
  readonly peer: string
  readonly atLeast: number
}

interface Workload {
  readonly title: string
  readonly work: TransportBatch['work']
  readonly amount: number
  readonly smokeAmount: number
  readonly rounds: number
  /** The first one is what the others are compared with. */
  readonly contenders: readonly string[]
  readonly targets: readonly Target[]
}

const TCP = ['node-net', 'gio-net']
const TLS = ['node-tls', 'gio-openssl', 'gio-gnutls']

const tcpTarget: Target = { contender: 'gio-net', peer: 'node-net', atLeast: 0.95 }
const opensslTarget: Target = { contender: 'gio-openssl', peer: 'node-tls', atLeast: 0.95 }
const bulkTargets: Target[] = [opensslTarget, { contender: 'gio-gnutls', peer: 'gio-openssl', atLeast: 0.7 }]
const handshakeTargets: Target[] = [opensslTarget, { contender: 'gio-gnutls', peer: 'gio-openssl', atLeast: 0.6 }]

const MB = 2 ** 20
const small = { work: 'echo', amount: 20_000, smokeAmount: 32, rounds: 5 } as const
const large = { amount: 256 * MB, smokeAmount: MB, rounds: 5 } as const
const handshakes = { amount: 400, smokeAmount: 8, rounds: 5 } as const

const workloads: readonly Workload[] = [
  { title: 'TCP, 64-byte echo', ...small, contenders: TCP, targets: [tcpTarget] },
  { title: 'TCP, 256 MB', work: 'download', ...large, contenders: TCP, targets: [tcpTarget] },
  { title: 'TCP, connections', work: 'connect', ...handshakes, amount: 1500, contenders: TCP, targets: [] },
  { title: 'TLS, 64-byte echo', ...small, contenders: TLS, targets: [opensslTarget] },
  { title: 'TLS, 256 MB download', work: 'download', ...large, contenders: TLS, targets: bulkTargets },
  { title: 'TLS, 256 MB upload', work: 'upload', ...large, contenders: TLS, targets: bulkTargets },
  { title: 'TLS, full handshakes', work: 'connect', ...handshakes, contenders: TLS, targets: handshakeTargets },
  { title: 'TLS, resumed handshakes', work: 'resume', ...handshakes, contenders: TLS, targets: handshakeTargets },
  {
    title: 'TLS, idle connections',
    work: 'idle',
    amount: 500,
    smokeAmount: 8,
    rounds: 1,
    contenders: TLS,
    targets: [],
  },
]

const RATE_UNITS: Readonly<Record<TransportBatch['work'], string>> = {
  echo: 'round trips/s',
  download: 'MB/s',
  upload: 'MB/s',
  connect: 'connections/s',
  resume: 'connections/s',
  idle: 'KiB per connection',
}

interface Row {
  readonly contender: string
  readonly rate: number
  readonly cpuMicros: number
}

/** Runs every workload whose title has `only` in it; one short round of each with `smoke`. */
export async function benchTransport({ smoke, only }: { smoke: boolean; only: string }): Promise<void> {
  for (const workload of workloads.filter(({ title }) => title.includes(only))) {
    print(workload, await run(workload, smoke))
    if (workload.title === 'TLS, full handshakes' && !smoke) printNativeGnutls()
  }
}

async function run(workload: Workload, smoke: boolean): Promise<Row[]> {
  const amount = smoke ? workload.smokeAmount : workload.amount
  const batch: TransportBatch = { work: workload.work, amount }
  const costs = new Map(workload.contenders.map((contender) => [contender, [] as TransportCost[]]))
  for (let launch = 0; launch < (smoke ? 1 : LAUNCHES); launch++) await runLaunch(workload, batch, costs, smoke)
  return workload.contenders.map((contender) => toRow(contender, batch, costs.get(contender)!))
}

/** One start of every contender: a warm-up, then batches in turn. */
async function runLaunch(
  { contenders, rounds, work }: Workload,
  batch: TransportBatch,
  costs: Map<string, TransportCost[]>,
  smoke: boolean,
): Promise<void> {
  const workers = new Map<string, ChildProcess>()
  const execArgv = work === 'idle' ? ['--expose-gc'] : []
  for (const contender of contenders) {
    workers.set(contender, await startWorker(join(import.meta.dirname, 'worker.ts'), contender, execArgv))
  }
  // Until everything has been compiled for this workload; not counted. Idle connections warm up by themselves.
  for (let round = 0; round < (smoke || work === 'idle' ? 0 : 2); round++) {
    for (const worker of workers.values()) await ask(worker, batch)
  }
  for (let round = 0; round < (smoke ? 1 : rounds); round++) {
    // Every round begins with another contender, so that none always follows the same neighbour.
    const order = contenders.map((_, index) => contenders[(index + round) % contenders.length]!)
    for (const contender of order) costs.get(contender)!.push(await ask(workers.get(contender)!, batch))
  }
  for (const worker of workers.values()) await endWorker(worker)
}

function toRow(contender: string, { work, amount }: TransportBatch, costs: readonly TransportCost[]): Row {
  const cpuSeconds = median(costs.map((cost) => cost.cpuSeconds))
  if (work === 'idle') {
    const bytes = median(costs.map(({ bytesPerConnection }) => bytesPerConnection))
    return { contender, rate: bytes / 1024, cpuMicros: 0 }
  }
  const units = work === 'download' || work === 'upload' ? amount / 1e6 : amount
  return { contender, rate: units / median(costs.map(({ seconds }) => seconds)), cpuMicros: (cpuSeconds * 1e6) / units }
}

function print({ title, work, targets }: Workload, rows: readonly Row[]): void {
  const unit = RATE_UNITS[work]
  const [first] = rows as [Row, ...Row[]]
  const hasCpu = work !== 'idle'
  const cpuUnit = unit === 'MB/s' ? 'MB' : unit.slice(0, -3)
  console.log(`\n### ${title}\n`)
  console.log(`| both ends | ${unit} | × ${first.contender} |${hasCpu ? ` CPU µs per ${cpuUnit} |` : ''}`)
  console.log(`| --- | ---: | ---: |${hasCpu ? ' ---: |' : ''}`)
  for (const { contender, rate, cpuMicros } of rows) {
    const cells = [contender, rate.toFixed(0), (rate / first.rate).toFixed(2)]
    if (hasCpu) cells.push(cpuMicros.toFixed(1))
    console.log(`| ${cells.join(' | ')} |`)
  }
  for (const { contender, peer, atLeast } of targets) {
    const ratio = rateOf(rows, contender) / rateOf(rows, peer)
    const verdict = ratio >= atLeast ? 'reached' : 'MISSED'
    console.log(`\n${verdict}: ${contender} to ${peer}, ${unit}: ${ratio.toFixed(2)} (wanted ≥ ${atLeast.toFixed(2)})`)
  }
}

function rateOf(rows: readonly Row[], wanted: string): number {
  return rows.find(({ contender }) => contender === wanted)!.rate
}

const NATIVE_TIMEOUT_MS = 120_000

/**
 * GnuTLS by itself, both ends in memory: no socket, no JavaScript, no path to an anchor. Says nothing where gnutls-cli is
 * not installed.
 */
function printNativeGnutls(): void {
  const { stdout } = spawnSync('gnutls-cli', ['--benchmark-tls-kx'], { encoding: 'utf8', timeout: NATIVE_TIMEOUT_MS })
  const line = /\(TLS1\.3\)-\(ECDHE-X25519\)-\(ECDSA-SECP256R1-SHA256\)[^\n]*\n - ([\d.]+) transactions\/sec/
  const rate = line.exec(stdout ?? '')?.[1]
  if (rate !== undefined) {
    console.log(
      `\ngnutls-cli --benchmark-tls-kx (X25519, ECDSA P-256, in memory): ${Number(rate).toFixed(0)} handshakes/s`,
    )
  }
}
