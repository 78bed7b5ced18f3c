// IP addresses as certificates hold them: 4 or 16 octets, followed by as many of mask in a name constraint.
// Called by the identity check and the name constraints. RFC 5280 sections 4.2.1.6 and 4.2.1.10.

import { isIP, SocketAddress } from 'node:net'

/** The 4 or 16 octets of `address` in text form, or null when it is none. A zone is not part of an address here. */
export function ipOctets(address: string): Buffer | null {
  switch (isIP(address)) {
    case 4:
      return Buffer.from(address.split('.').map(Number))
    case 6:
      return ipv6Octets(address)
    default:
      return null
  }
}

function ipv6Octets(address: string): Buffer {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const [, start = '', a, b, c, d] = dotted ?? []
  const text =
    dotted === null
      ? address
      : `${start}${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`
  const [head = '', tail] = text.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  const octets = Buffer.alloc(16)
  groups.forEach((group, index) => octets.writeUInt16BE(Number.parseInt(group, 16), index * 2))
  return octets
}

/** The text form of 4 or 16 octets, as RFC 5952 spells it; empty for any other number of octets. */
export function ipText(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.')
  if (octets.length !== 16) return ''
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(index * 2).toString(16))
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

/** Whether the second half of `octets` is a mask of ones followed by zeros. */
export function isCidrMask(octets: Buffer): boolean {
  let ended = false
  for (const octet of octets.subarray(octets.length / 2)) {
    const inverted = ~octet & 0xff
    if (ended ? octet !== 0 : (inverted & (inverted + 1)) !== 0) return false
    ended ||= octet !== 0xff
  }
  return true
}

/** Whether `address` lies in the network of `constraint`, address and mask one after the other. */
export function isInNetwork(address: Buffer, constraint: Buffer): boolean {
  const length = constraint.length / 2
  if (address.length !== length) return false
  for (let index = 0; index < length; index++) {
    const mask = constraint[length + index] ?? 0
    if ((((address[index] ?? 0) ^ (constraint[index] ?? 0)) & mask) !== 0) return false
  }
  return true
}
