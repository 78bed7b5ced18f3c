// Run in a network namespace by network-monitor.test.ts, under a permission model that hides /proc.

import { execFileSync } from 'node:child_process'
import { InetSocketAddress, NetworkMonitor } from '@wpe-networking/glib-gio'

const monitor = new NetworkMonitor()
const far = InetSocketAddress.fromString('198.51.100.1', 80)!
const steps: unknown[] = []

async function look(): Promise<void> {
  steps.push([monitor.networkAvailable, await monitor.canReach(far)])
}

await look()
const commands = [
  'link add v0 type veth peer name v1',
  'link set v0 up',
  'link set v1 up',
  'addr add 10.9.0.1/24 dev v0',
]
for (const command of commands) execFileSync('ip', command.split(' '))
await look()
console.log(JSON.stringify(steps))
