// A process around one contender: does a batch whenever asked for one and answers with what it cost.
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
// Loaded for the peers too, which do not use it: with every 64 KiB read from a socket V8 looks for dead buffers sooner or
// later, and takes twice as long for it in a process that has loaded twice as much code.
import '@wpe-networking/glib-gio'
import type { CreateTransportContender, Ends } from './ends.ts'

/** What is done `amount` times, or with that many bytes, or connections. */
export interface TransportBatch {
  readonly work: 'echo' | 'download' | 'upload' | 'connect' | 'resume' | 'idle'
  readonly amount: number
}

export interface TransportCost {
  readonly seconds: number
  readonly cpuSeconds: number
  /** What a connection takes up, both ends together, for `idle`; else 0. */
  readonly bytesPerConnection: number
}

const SMALL = Buffer.alloc(64, 'x')
const LARGE = Buffer.alloc(256 * 1024, 'x')

const { create } = (await import(`./contenders/${process.argv[2]}.ts`)) as { create: CreateTransportContender }
const contender = await create()

/** Small messages to and fro, one at a time. */
async function echo({ client, server }: Ends, roundTrips: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let left = roundTrips
  server.on('data', (chunk: Buffer) => server.write(chunk))
  client.on('data', (chunk: Buffer) => {
    if (chunk.length !== SMALL.length) reject(new Error(`${chunk.length} bytes came back`))
    else if (--left > 0) client.write(SMALL)
    else resolve()
  })
  client.write(SMALL)
  await promise
}

async function bulk(from: Duplex, to: Duplex, bytes: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let received = 0
  to.on('data', (chunk: Buffer) => {
    if ((received += chunk.length) >= bytes) resolve()
  })
  for (let sent = 0; sent < bytes; sent += LARGE.length) {
    if (!from.write(LARGE)) await once(from, 'drain')
  }
  await promise
  if (received !== bytes) throw new Error(`${received} bytes came of ${bytes}`)
}

async function close({ client, server }: Ends): Promise<void> {
  const closed = [client, server].filter((end) => !end.closed).map((end) => once(end, 'close'))
  client.destroy()
  server.destroy()
  await Promise.all(closed)
}

/** Connects, sends one message each way and closes; TLS 1.3 hands out sessions only after the handshake. */
async function connectOnce(fresh: boolean): Promise<boolean> {
  const ends = await contender.connect(fresh)
  await echo(ends, 1)
  await close(ends)
  return ends.resumed
}

async function fullHandshakes(count: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    if (await connectOnce(true)) throw new Error('a handshake that was to be a full one was resumed')
  }
}

/**
 * The cost of `count` resumed handshakes. Those that had to be full ones are left out: a server of Node's gives new sessions
 * with a full handshake only, and gio uses none twice (RFC 8446 appendix C.4).
 */
async function resumedHandshakes(count: number): Promise<TransportCost> {
  let seconds = 0
  let cpuSeconds = 0
  for (let resumed = 0, tried = 0; resumed < count; tried++) {
    if (tried > 3 * count + 10) throw new Error('sessions are not resumed')
    const { value, ...cost } = await measured(() => connectOnce(false))
    if (!value) continue
    resumed++
    seconds += cost.seconds
    cpuSeconds += cost.cpuSeconds
  }
  return { seconds, cpuSeconds, bytesPerConnection: 0 }
}

function residentBytes(): number {
  // Twice, because what the first collection frees may hold what the second one does.
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().rss
}

/** What `count` connections with nothing to do take up, each. */
async function idle(count: number): Promise<TransportCost> {
  // What the process allocates once, for whatever connections come first.
  await fullHandshakes(Math.ceil(count / 10))
  const before = residentBytes()
  const open: Ends[] = []
  for (let made = 0; made < count; made++) {
    const ends = await contender.connect(true)
    await echo(ends, 1)
    open.push(ends)
  }
  const bytesPerConnection = (residentBytes() - before) / count
  for (const ends of open) await close(ends)
  return { seconds: 0, cpuSeconds: 0, bytesPerConnection }
}

async function transfer({ work, amount }: TransportBatch): Promise<void> {
  const ends = await contender.connect(true)
  if (work === 'echo') await echo(ends, amount)
  else if (work === 'download') await bulk(ends.server, ends.client, amount)
  else await bulk(ends.client, ends.server, amount)
  await close(ends)
}

async function measured<T>(perform: () => Promise<T>): Promise<{ value: T; seconds: number; cpuSeconds: number }> {
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  const value = await perform()
  const { user, system } = process.cpuUsage(cpuBefore)
  return { value, seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 }
}

async function run(batch: TransportBatch): Promise<TransportCost> {
  if (batch.work === 'idle') return await idle(batch.amount)
  if (batch.work === 'resume') return await resumedHandshakes(batch.amount)
  const perform = batch.work === 'connect' ? () => fullHandshakes(batch.amount) : () => transfer(batch)
  const { seconds, cpuSeconds } = await measured(perform)
  return { seconds, cpuSeconds, bytesPerConnection: 0 }
}

process.on('message', (batch: TransportBatch) => {
  run(batch).then(
    (cost) => process.send!(cost),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => {
  contender.close()
  process.exit()
})
process.send!('ready')
