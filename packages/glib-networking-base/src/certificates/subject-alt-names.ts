// Reads the names out of Node's text form of the subjectAltName extension; called by TlsCertificate.
// RFC 5280 section 4.2.1.6.

import { SocketAddress } from 'node:net'

export interface SubjectAltNames {
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
}

// Node writes a value as a JSON string when it holds anything that could be taken for a separator.
const ENTRY = /([A-Za-z][A-Za-z0-9 ]*):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy

/** The DNS and IP entries of `text`, such as `DNS:example.org, IP Address:127.0.0.1`; other kinds are left out. */
export function subjectAltNames(text: string | undefined): SubjectAltNames {
  const dnsNames: string[] = []
  const ipAddresses: string[] = []
  for (const [, kind, value = ''] of (text ?? '').matchAll(ENTRY)) {
    if (kind === 'DNS') dnsNames.push(value.startsWith('"') ? String(JSON.parse(value)) : value)
    if (kind === 'IP Address') ipAddresses.push(canonicalAddress(value))
  }
  return { dnsNames, ipAddresses }
}

function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address
  return new SocketAddress({ address, family: 'ipv6' }).address
}
