// Reads /etc/resolv.conf: which servers to ask, and how. Called by DnsClient. resolv.conf(5), with glibc's limits.

import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { DnsServer } from './dns-server.ts'

/** How to ask. */
export interface DnsConfiguration {
  /** Asked in this order. */
  readonly servers: readonly DnsServer[]
  /** Domains that are put behind short names. */
  readonly search: readonly string[]
  /** A name with at least this many dots is tried as it is before the search domains. */
  readonly ndots: number
  /** How long one server may take over one question, in milliseconds. */
  readonly timeoutMs: number
  /** How often the list of servers is gone through. */
  readonly attempts: number
  /** Ask over TCP from the start. */
  readonly useTcp: boolean
}

export const RESOLV_CONF = '/etc/resolv.conf'

/** glibc's MAXNS. */
const MAX_SERVERS = 3
/** What glibc took before 2.26; each domain is one more question for every name that does not exist. */
const MAX_SEARCH = 6
const MAX_FILE_LENGTH = 64 * 1024

/** What glibc does without a file: a server on this machine, 5 seconds, twice. */
export const DEFAULT_DNS_CONFIGURATION: DnsConfiguration = {
  servers: [{ address: '127.0.0.1', port: 53 }],
  search: [],
  ndots: 1,
  timeoutMs: 5000,
  attempts: 2,
  useTcp: false,
}

/** The configuration of this machine; the defaults when the file is missing, too long or may not be read. */
export async function readResolvConf(path = RESOLV_CONF): Promise<DnsConfiguration> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.length > MAX_FILE_LENGTH ? DEFAULT_DNS_CONFIGURATION : parseResolvConf(text)
}

/** Lines that are not understood are skipped, as resolv.conf(5) wants it. */
export function parseResolvConf(text: string): DnsConfiguration {
  const servers: DnsServer[] = []
  const options = new Map<string, string>()
  let search: string[] = []
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    const [first = ''] = values
    if (keyword === 'nameserver' && isIP(first) !== 0) servers.push({ address: first, port: 53 })
    else if (keyword === 'domain' && first) search = [first]
    else if (keyword === 'search') search = values
    else if (keyword === 'options') for (const option of values) options.set(...splitOption(option))
  }
  const number = (name: string, standard: number, least: number, most: number): number => {
    const value = options.get(name) ?? ''
    return /^[0-9]{1,9}$/.test(value) ? Math.min(Math.max(Number(value), least), most) : standard
  }
  return {
    servers: servers.length > 0 ? servers.slice(0, MAX_SERVERS) : DEFAULT_DNS_CONFIGURATION.servers,
    search: search
      .map((domain) => domain.toLowerCase().replace(/\.$/, ''))
      .filter((domain) => domain !== '')
      .slice(0, MAX_SEARCH),
    ndots: number('ndots', 1, 0, 15),
    timeoutMs: number('timeout', 5, 1, 30) * 1000,
    attempts: number('attempts', 2, 1, 5),
    useTcp: options.has('use-vc'),
  }
}

function splitOption(option: string): [name: string, value: string] {
  const [name = '', value = ''] = option.split(':', 2)
  return [name, value]
}
