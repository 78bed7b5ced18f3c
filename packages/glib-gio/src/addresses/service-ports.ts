// The ports of services by name, as getservbyname(3) knows them. Called by NetworkAddress.parse and NetworkService.

import { readFileSync } from 'node:fs'

const SERVICES_FILE = '/etc/services'
/** Debian's has 12 KiB. */
const MAX_FILE_LENGTH = 4 * 1024 * 1024
/** For machines without the file, or where it may not be read. */
const WELL_KNOWN: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['smtp', 25],
  ['domain', 53],
  ['http', 80],
  ['www', 80],
  ['imap2', 143],
  ['imap', 143],
  ['ldap', 389],
  ['https', 443],
  ['ldaps', 636],
  ['imaps', 993],
  ['socks', 1080],
])

let ports: ReadonlyMap<string, number> | undefined

/** The TCP port of `service`, or null when nobody has given it one. Reads /etc/services once. */
export function servicePort(service: string): number | null {
  ports ??= readServices()
  return ports.get(service) ?? null
}

function readServices(): ReadonlyMap<string, number> {
  try {
    const text = readFileSync(SERVICES_FILE, 'utf8')
    return text.length > MAX_FILE_LENGTH ? WELL_KNOWN : new Map([...WELL_KNOWN, ...parseServices(text)])
  } catch {
    return WELL_KNOWN
  }
}

/** 'name port/protocol alias… # remark', a service a line; the first to have a name keeps it. */
export function parseServices(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [name, portAndProtocol = '', ...aliases] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/)
    const port = Number(/^([0-9]{1,5})\/tcp$/.exec(portAndProtocol)?.[1])
    if (!name || !(port <= 65535)) continue
    for (const key of [name, ...aliases]) if (!found.has(key)) found.set(key, port)
  }
  return found
}
