// Run in a network namespace by network-monitor.test.ts: changes the network step by step and prints what was told of it.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { InetSocketAddress, NetworkConnectivity, NetworkMonitor } from '@wpe-networking/glib-gio'

const ip = (command: string): void => void execFileSync('ip', command.split(' '))
const monitor = new NetworkMonitor({ interval: 0.02 })
const steps: unknown[] = []

async function canReach(address: string): Promise<boolean> {
  return monitor.canReach(InetSocketAddress.fromString(address, 80)!)
}

async function state(step: string, available: unknown): Promise<void> {
  const { networkAvailable, connectivity } = monitor
  const far = [await canReach('198.51.100.1'), await canReach('2001:db8::1')]
  const near = await canReach('10.9.0.2')
  const isFull = connectivity === NetworkConnectivity.FULL
  steps.push({ step, told: available, networkAvailable, isFull, far, near })
}

async function change(step: string, ...commands: string[]): Promise<void> {
  const changed = once(monitor, 'network-changed')
  for (const command of commands) ip(command)
  await state(step, (await changed)[0])
}

monitor.on('network-changed', () => undefined)
// The timer does not keep this process alive; the test is about what it tells, not about that.
const alive = setInterval(() => undefined, 1000)
await state('at first', null)
await change('a network', 'link add br0 type bridge', 'link set br0 up', 'addr add 10.9.0.1/24 dev br0')
await change('a default route', 'route add default via 10.9.0.2')
await change('none any more', 'route del default')
await change('one of IPv6', '-6 addr add fd09::1/64 dev br0 nodad', '-6 route add default via fd09::2')
await change('nothing', 'link del br0')
monitor.removeAllListeners('network-changed')
clearInterval(alive)
console.log(JSON.stringify(steps))
