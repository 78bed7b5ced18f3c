// The hosts that are reached without a proxy. Called by SimpleProxyResolver, EnvironmentProxyResolver and
// GnomeProxyResolver. Upstream: glib/gio/gsimpleproxyresolver.c (reparse_ignore_hosts, ignore_host).

import { BlockList, isIP } from 'node:net'
import { hostnameToAscii } from '../uri/uri-host.ts'
import type { LookupTarget } from './lookup-uri.ts'

interface NameRule {
  /** A name, or an IP address that goes with a port. */
  readonly name: string
  /** 0 for any. */
  readonly port: number
}

/**
 * Rules: 'example.com', '.example.com' and '*.example.com' are that name and all below it; '192.0.2.1' an address;
 * '192.0.2.0/24' and 'fe80::/10' ranges; 'example.com:80', '[2001:db8::1]:443' only that port; '*' everything. A name is
 * never looked up: it is compared as a name. What is none of these is left out, as it would match nothing.
 */
export class IgnoreHosts {
  /** One for each family, because a BlockList counts every IPv4 address to ::/64. */
  readonly #ranges = { ipv4: new BlockList(), ipv6: new BlockList() } as const
  readonly #names: NameRule[] = []
  #everything = false

  constructor(rules: readonly string[]) {
    for (const rule of rules) this.#add(rule.trim())
  }

  matches({ host, port }: LookupTarget): boolean {
    if (this.#everything) return true
    const family = familyOf(host)
    if (family !== null && this.#ranges[family].check(host, family)) return true
    return this.#names.some(
      (rule) =>
        (rule.port === 0 || rule.port === port) &&
        (host === rule.name || (family === null && host.endsWith(`.${rule.name}`))),
    )
  }

  #add(rule: string): void {
    if (rule === '*') {
      this.#everything = true
    } else if (!this.#addRange(rule)) {
      const match = /^(?:\[([^[\]]+)\]|([^:[\]/]+))(?::([0-9]{1,5}))?$/.exec(rule)
      const name = hostnameToAscii(match?.[1] ?? match?.[2]?.replace(/^\*?\./, '') ?? '').toLowerCase()
      if (name !== '') this.#names.push({ name, port: Number(match?.[3] ?? 0) })
    }
  }

  #addRange(rule: string): boolean {
    const [address = '', prefix, ...rest] = rule.split('/')
    const family = familyOf(address)
    if (family === null || rest.length > 0) return false
    const bits = family === 'ipv6' ? 128 : 32
    const length = prefix === undefined ? bits : /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : -1
    if (length < 0 || length > bits) return false
    this.#ranges[family].addSubnet(address, length, family)
    return true
  }
}

function familyOf(host: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(host)
  return version === 0 ? null : version === 4 ? 'ipv4' : 'ipv6'
}
