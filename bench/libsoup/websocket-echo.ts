// WebSocket echoes of 64 bytes per second: this project's client and server against those of ws, in one run and by
// turns. Each has a process of its own; every client talks to every server, so that a ratio changes one end at a time.
//
//   node bench/libsoup/websocket-echo.ts            after npm run build
//   node bench/libsoup/websocket-echo.ts --smoke    one short round

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { Message, Server, Session } from '@wpe-networking/libsoup'
import { WebSocket, WebSocketServer } from 'ws'
import { ask, endProcesses, endWorker, median, startWorker } from '../processes.ts'

const KINDS = ['soup', 'ws'] as const
type Kind = (typeof KINDS)[number]

interface Workload {
  readonly title: string
  readonly connections: number
  /** Messages under way on each connection. */
  readonly depth: number
  readonly messages: number
}

interface Batch extends Workload {
  readonly uri: string
}

interface Result {
  readonly perSecond: number
  /** CPU time of one echo in microseconds, at each end. */
  readonly clientCpu: number
  readonly serverCpu: number
}

const WORKLOADS: readonly Workload[] = [
  { title: '1 connection, 1 message at once', connections: 1, depth: 1, messages: 20_000 },
  { title: '64 connections, 1 message at once', connections: 64, depth: 1, messages: 60_000 },
  { title: '8 connections, 16 messages at once', connections: 8, depth: 16, messages: 100_000 },
]
const ROUNDS = 7
const TEXT = 'x'.repeat(64)

/** One client's end of a connection. */
interface Echo {
  send(): void
  onEcho(listener: () => void): void
  close(): Promise<unknown>
}

async function listen(kind: Kind): Promise<string> {
  if (kind === 'ws') {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    server.on('connection', (peer) => peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary })))
    await once(server, 'listening')
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }
  const server = new Server()
  server.addWebsocketHandler('/', null, null, (_server, _message, _path, connection) => {
    connection.on('message', (type, data) => void connection.sendMessage(type, data))
  })
  await server.listenLocal(0, { ipv4Only: true })
  return String(server.uris[0]).replace('http', 'ws')
}

async function connect(kind: Kind, session: Session, uri: string): Promise<Echo> {
  if (kind === 'ws') {
    const peer = new WebSocket(uri, { perMessageDeflate: false })
    await once(peer, 'open')
    return {
      send: () => peer.send(TEXT),
      onEcho: (listener) => void peer.on('message', listener),
      close: async () => {
        peer.close()
        await once(peer, 'close')
      },
    }
  }
  const connection = await session.websocketConnect(new Message('GET', uri))
  return {
    send: () => void connection.sendText(TEXT),
    onEcho: (listener) => void connection.on('message', listener),
    close: async () => {
      connection.close()
      await once(connection, 'closed')
    },
  }
}

async function run(kind: Kind, { uri, connections, depth, messages }: Batch): Promise<Omit<Result, 'serverCpu'>> {
  using session = new Session({ maxConns: 256, maxConnsPerHost: 256 })
  const echoes = await Promise.all(Array.from({ length: connections }, () => connect(kind, session, uri)))
  const { promise: done, resolve } = Promise.withResolvers<void>()
  let toSend = messages
  let toCome = messages
  const cpuBefore = cpu()
  const started = performance.now()
  for (const echo of echoes) {
    echo.onEcho(() => {
      if (--toCome === 0) resolve()
      if (toSend-- > 0) echo.send()
    })
    for (let i = 0; i < depth; i++) if (toSend-- > 0) echo.send()
  }
  await done
  const seconds = (performance.now() - started) / 1000
  const clientCpu = (cpu() - cpuBefore) / messages
  await Promise.all(echoes.map((echo) => echo.close()))
  return { perSecond: messages / seconds, clientCpu }
}

/** Microseconds of this process so far. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function work(role: string, kind: Kind): Promise<void> {
  const uri = role === 'server' ? await listen(kind) : ''
  process.on('message', (batch: Batch) => {
    if (role === 'server') process.send?.({ uri, cpu: cpu() })
    else void run(kind, batch).then((result) => process.send?.(result))
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

/** Prints the rates of every pair, and the ratios to ws. */
export async function benchWebsocketEcho(isSmoke: boolean): Promise<void> {
  const start = (role: string, kind: Kind): Promise<ChildProcess> =>
    startWorker(import.meta.filename, `${role}:${kind}`)
  const clients = new Map<Kind, ChildProcess>()
  const servers = new Map<Kind, { process: ChildProcess; uri: string }>()
  for (const kind of KINDS) {
    clients.set(kind, await start('client', kind))
    const server = await start('server', kind)
    servers.set(kind, { process: server, ...(await ask<{ uri: string }>(server, {})) })
  }
  console.log('echoes of 64 bytes; ratios are of medians, above 1 where ours is better')
  for (const workload of WORKLOADS) {
    const messages = isSmoke ? workload.messages / 20 : workload.messages
    const results = new Map<string, Result[]>()
    for (let round = 0; round < (isSmoke ? 1 : ROUNDS); round++) {
      for (const client of KINDS) {
        for (const server of KINDS) {
          const result = await measure({ ...workload, messages }, clients.get(client), servers.get(server))
          results.set(`${client} ${server}`, [...(results.get(`${client} ${server}`) ?? []), result])
        }
      }
    }
    report(workload.title, results)
  }
  for (const { process: server } of servers.values()) await endWorker(server)
  for (const client of clients.values()) await endWorker(client)
}

async function measure(
  workload: Workload,
  client: ChildProcess | undefined,
  server: { process: ChildProcess; uri: string } | undefined,
): Promise<Result> {
  if (client === undefined || server === undefined) throw new Error('a process is missing')
  const before = await ask<{ cpu: number }>(server.process, {})
  const result = await ask<Omit<Result, 'serverCpu'>>(client, { ...workload, uri: server.uri })
  const after = await ask<{ cpu: number }>(server.process, {})
  return { ...result, serverCpu: (after.cpu - before.cpu) / workload.messages }
}

function report(title: string, results: ReadonlyMap<string, Result[]>): void {
  const of = (client: Kind, server: Kind, value: keyof Result): number =>
    median((results.get(`${client} ${server}`) ?? []).map((result) => result[value]))
  console.log(`\n### WebSocket echo, ${title}\n`)
  console.log('| client | server | echoes/s | CPU µs at the client | CPU µs at the server |')
  console.log('| --- | --- | ---: | ---: | ---: |')
  for (const client of KINDS) {
    for (const server of KINDS) {
      const [rate, atClient, atServer] = (['perSecond', 'clientCpu', 'serverCpu'] as const).map((value) =>
        of(client, server, value),
      ) as [number, number, number]
      const cells = [client, server, Math.round(rate), atClient.toFixed(1), atServer.toFixed(1)]
      console.log(`| ${cells.join(' | ')} |`)
    }
  }
  const verdict = (what: string, ratio: number): void => {
    console.log(`\n${ratio >= 1 ? 'reached' : 'MISSED'}: ${what}: ${ratio.toFixed(2)} (wanted ≥ 1.00)`)
  }
  const rate = (client: Kind, server: Kind): number => of(client, server, 'perSecond') / of('ws', 'ws', 'perSecond')
  verdict("our server to that of ws, echoes/s, ours / peer's", rate('ws', 'soup'))
  verdict("our client to that of ws, echoes/s, ours / peer's", rate('soup', 'ws'))
}

if (import.meta.main) {
  const [worker] = process.argv.slice(2)
  const [role, kind] = worker?.split(':') ?? []
  if (process.send !== undefined && role !== undefined && kind !== undefined) await work(role, kind as Kind)
  else {
    const { values } = parseArgs({ options: { smoke: { type: 'boolean', default: false } } })
    await benchWebsocketEcho(values.smoke).finally(endProcesses)
  }
}
