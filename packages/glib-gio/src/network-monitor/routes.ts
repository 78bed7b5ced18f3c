// Reads which networks this machine has a way to. Called by NetworkMonitor.
// Upstream: glib/gio/gnetworkmonitornetlink.c, which hears the same from the kernel over netlink; Node has no netlink.

import { closeSync, openSync, readSync } from 'node:fs'
import { endianness, networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'

/** A network in the notation of 'address/prefix': '10.0.0.0/8', '::/0'. */
export type Network = string

/** A full table of the internet's routes is hundreds of megabytes; what is wanted are a few lines. */
const MAX_BYTES = 1 << 20
const CHUNK_BYTES = 4096

/** Flags of linux/route.h and linux/ipv6_route.h. */
const RTF_UP = 0x1
const RTF_REJECT = 0x200
const RTF_ANYCAST = 0x0010_0000
const RTF_LOCAL = 0x8000_0000

/** The networks packets are sent to by way of some interface, without duplicates. */
export function readRoutes(): Network[] {
  const ipv4 = readStart('/proc/net/route')
  const ipv6 = readStart('/proc/net/ipv6_route')
  if (ipv4 === null && ipv6 === null) return routesOfInterfaces()
  return [...new Set([...parseIPv4Routes(ipv4 ?? ''), ...parseIPv6Routes(ipv6 ?? '')])]
}

/** Columns: interface, destination, gateway, flags, references, use, metric, mask, …; numbers in the machine's order. */
export function parseIPv4Routes(table: string): Network[] {
  const networks: Network[] = []
  for (const line of table.split('\n').slice(1)) {
    const [, destination = '', , flags = '', , , , mask = ''] = line.split('\t').map((field) => field.trim())
    if (!/^[0-9A-F]{8}$/i.test(destination) || !/^[0-9A-F]{8}$/i.test(mask) || !isUsable(flags)) continue
    const bytes = Buffer.from(destination, 'hex')
    if (endianness() === 'LE') bytes.reverse()
    networks.push(`${bytes.join('.')}/${bitCount(parseInt(mask, 16))}`)
  }
  return networks
}

/** Columns: destination, its prefix, source, its prefix, next hop, metric, references, use, flags, interface; all hex. */
export function parseIPv6Routes(table: string): Network[] {
  const networks: Network[] = []
  for (const line of table.split('\n')) {
    const [destination = '', prefix = '', , , , , , , flags = ''] = line.trim().split(/\s+/)
    if (!/^[0-9a-f]{32}$/.test(destination) || !/^[0-9a-f]{2}$/.test(prefix) || !isUsable(flags)) continue
    if (/^(?:ff|fe[89ab])/.test(destination)) continue // multicast and link-local lead nowhere else
    networks.push(`${destination.replace(/.{4}(?=.)/g, '$&:')}/${parseInt(prefix, 16)}`)
  }
  return networks
}

/** What is on this machine, or on the links it is on: needs no route. */
export function ownNetworks(): Network[] {
  return addressesOfInterfaces().flatMap(({ cidr }) => cidr ?? [])
}

/** Where the system shows no routes: the networks of its interfaces, and everything beyond them. */
function routesOfInterfaces(): Network[] {
  const networks = new Set<Network>()
  for (const { address, family, cidr, internal } of addressesOfInterfaces()) {
    if (internal || cidr === null || /^(?:fe[89ab]|169\.254\.)/i.test(address)) continue
    networks.add(cidr).add(family === 'IPv4' ? '0.0.0.0/0' : '::/0')
  }
  return [...networks]
}

function addressesOfInterfaces(): NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  } catch {
    return [] // a sandbox may forbid it, as it may forbid /proc
  }
}

function isUsable(hexFlags: string): boolean {
  const flags = parseInt(hexFlags, 16)
  return (flags & RTF_UP) !== 0 && (flags & (RTF_REJECT | RTF_ANYCAST | RTF_LOCAL)) === 0
}

function bitCount(bits: number): number {
  return bits.toString(2).replace(/0/g, '').length
}

/** The start of a file, or null when it cannot be read: another system, or no permission. */
function readStart(path: string): string | null {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return null
  }
  try {
    // Such files tell no size, and give a page or so at a time.
    const chunks: Buffer[] = []
    for (let length = 0; length < MAX_BYTES;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const read = readSync(file, chunk)
      if (read === 0) break
      chunks.push(chunk.subarray(0, read))
      length += read
    }
    return Buffer.concat(chunks).toString('latin1')
  } finally {
    closeSync(file)
  }
}
