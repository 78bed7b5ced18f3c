// Run in a network namespace by happy-eyeballs-network.test.ts: connects to names whose addresses answer, refuse, lead
// nowhere or are never heard of again, and prints what was tried and what became of it.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { mock } from 'node:test'
import { IOError, NetworkAddress, SocketClient, SocketClientEvent, SocketConnection } from '@wpe-networking/glib-gio'
import { FakeResolver } from '../resolver/fake-resolver.ts'

const PORT = 4433
const hosts = {
  'answers-6': 'fd09::1',
  'answers-4': '10.9.0.1',
  'refuses-6': 'fd09::3',
  'refuses-4': '10.9.0.3',
  // Somebody has this address, says the neighbour table; the bridge it should be on has no other port.
  'silent-6': 'fd09::2',
  'silent-6b': 'fd09::4',
  'silent-4': '10.9.0.2',
  'unreachable-6': 'fd08::1',
  'unreachable-4': '10.8.0.1',
}
const nameOf = new Map(Object.entries(hosts).map(([name, address]) => [address, name]))
const addressOf = new Map(Object.entries(hosts))

function prepareNetwork(): void {
  const commands = ['link set lo up', 'link add br0 type bridge', 'link set br0 up']
  for (const address of ['10.9.0.1/24', '10.9.0.3/24', 'fd09::1/64', 'fd09::3/64']) {
    commands.push(`addr add ${address} dev br0${address.includes(':') ? ' nodad' : ''}`)
  }
  for (const name of ['silent-6', 'silent-6b', 'silent-4'] as const) {
    commands.push(`neigh add ${hosts[name]} lladdr 02:00:00:00:00:02 dev br0`)
  }
  commands.push('route add unreachable 10.8.0.0/16', '-6 route add unreachable fd08::/16')
  for (const command of commands) execFileSync('ip', command.split(' '))
}

async function listen(host: string): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined)).listen({
    host,
    port: PORT,
    ipv6Only: true,
  })
  await once(server, 'listening')
  return server
}

/** Connects to a name with these addresses, in this order; `abortAt` names the attempt that is answered with an abort. */
async function connect(
  names: readonly string[],
  options: { timeout?: number; abortAt?: string } = {},
): Promise<unknown> {
  const resolver = new FakeResolver({ 'h.example': names.map((name) => addressOf.get(name) ?? '') })
  const client = new SocketClient({ resolver, timeout: options.timeout ?? 0 })
  const abort = new AbortController()
  const tried: string[] = []
  const attempts = new Set<SocketConnection>()
  client.on('event', (event, _, connection) => {
    if (event !== SocketClientEvent.CONNECTING || !(connection instanceof SocketConnection)) return
    const name = nameOf.get(connection.remoteAddress.toString().replace(/^\[|\]?:\d+$/g, '')) ?? ''
    tried.push(name)
    attempts.add(connection)
    if (name === options.abortAt) setImmediate(() => abort.abort())
  })
  let outcome: string
  let winner: SocketConnection | undefined
  try {
    winner = await client.connect(new NetworkAddress('h.example', PORT), { signal: abort.signal })
    outcome = nameOf.get(winner.remoteAddress.toString().replace(/^\[|\]?:\d+$/g, '')) ?? ''
  } catch (error) {
    outcome = error instanceof IOError ? error.code : String(error)
  }
  const open = [...attempts].filter((attempt) => attempt !== winner && !attempt.isClosed).length
  await winner?.close()
  return { tried, outcome, open }
}

prepareNetwork()
const servers = [await listen(hosts['answers-6']), await listen(hosts['answers-4'])]
// However busy this machine is: an address that answers at once has answered before the next one is due.
mock.timers.enable({ apis: ['setTimeout'] })
const atOnce = {
  both: await connect(['answers-6', 'answers-4']),
  preferred: await connect(['answers-4', 'answers-6']),
}
mock.timers.reset()
const results = {
  ...atOnce,
  silentThenAnswer: await connect(['silent-6', 'answers-4']),
  refusedThenAnswer: await connect(['refuses-6', 'answers-4']),
  unreachableThenAnswer: await connect(['unreachable-6', 'answers-4']),
  familiesInTurn: await connect(['silent-6', 'silent-6b', 'refuses-4', 'answers-4']),
  timedOut: await connect(['silent-6', 'silent-4'], { timeout: 0.3 }),
  refused: await connect(['refuses-6', 'refuses-4']),
  unreachable: await connect(['unreachable-6', 'unreachable-4']),
  aborted: await connect(['silent-6', 'silent-4', 'answers-6'], { abortAt: 'silent-4' }),
}
for (const server of servers) server.close()
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
await turn().then(turn)
const left = process.getActiveResourcesInfo().filter((name) => /^(?:TCP|Timeout)/.test(name))
console.log(JSON.stringify({ ...results, left }))
