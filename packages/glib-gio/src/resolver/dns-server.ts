// The address of one name server. Read from options and from resolv.conf.

import { isIP } from 'node:net'
import { IOError } from '../io-error.ts'

export interface DnsServer {
  /** An IP address, with a zone where it needs one. */
  readonly address: string
  readonly port: number
}

const DNS_PORT = 53

/**
 * Reads '192.0.2.1', '192.0.2.1:5353', '2001:db8::1' or '[2001:db8::1]:5353'.
 *
 * @throws {IOError} `INVALID_ARGUMENT` for anything else; names are not taken, since they would have to be looked up.
 */
export function parseDnsServer(text: string): DnsServer {
  if (isIP(text) !== 0) return { address: text, port: DNS_PORT }
  const match = /^(?:\[([^\]]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text)
  const address = match?.[1] ?? match?.[2] ?? ''
  const port = Number(match?.[3])
  if (isIP(address) === 0 || !(port >= 1 && port <= 65535)) {
    throw new IOError('INVALID_ARGUMENT', 'A DNS server is an IP address with an optional port.')
  }
  return { address, port }
}
