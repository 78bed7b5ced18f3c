// Reads the data of SVCB and HTTPS records, which the DNS library leaves as bytes. Called by dns-message.ts.
// RFC 9460 section 2.2 (wire format), section 7 and 14.3.2 (parameters); RFC 9461 section 5 (dohpath).

import { InetAddress } from '../addresses/inet-address.ts'

/** Where and how a service can be reached. */
export interface ServiceBinding {
  /** 0: the service is to be looked up under `targetName` (alias mode); otherwise lower is tried first. */
  readonly priority: number
  /** '.' stands for the name that was asked about. */
  readonly targetName: string
  /** Parameters that have to be understood for this record to be used. */
  readonly mandatory: readonly number[]
  /** ALPN identifiers that the service speaks besides its default one: 'h2', 'h3'. */
  readonly alpn: readonly string[]
  /** The default protocol is not spoken. */
  readonly noDefaultAlpn: boolean
  /** null: the default port of the service. */
  readonly port: number | null
  readonly ipv4Hint: readonly InetAddress[]
  readonly ipv6Hint: readonly InetAddress[]
  /** The ECHConfigList for Encrypted Client Hello. */
  readonly ech: Uint8Array | null
  /** The URI template of a DNS-over-HTTPS server. */
  readonly dohPath: string | null
  /** Every parameter by its number, as bytes. */
  readonly parameters: ReadonlyMap<number, Uint8Array>
}

const KEY = { mandatory: 0, alpn: 1, noDefaultAlpn: 2, port: 3, ipv4Hint: 4, ech: 5, ipv6Hint: 6, dohPath: 7 } as const

/** @throws {RangeError} `data` is not in the format of RFC 9460; such a record must not be used (section 2.2). */
export function decodeServiceBinding(data: Uint8Array): ServiceBinding {
  const reader = new Reader(data)
  const priority = reader.uint16()
  const targetName = reader.name()
  const parameters = new Map<number, Uint8Array>()
  for (let previous = -1; !reader.atEnd;) {
    const key = reader.uint16()
    if (key <= previous) throw new RangeError('The parameters of a service binding are not in order.')
    parameters.set(key, reader.bytes(reader.uint16()))
    previous = key
  }
  return { priority, targetName, parameters, ...understand(parameters) }
}

function understand(
  parameters: ReadonlyMap<number, Uint8Array>,
): Omit<ServiceBinding, 'priority' | 'targetName' | 'parameters'> {
  const mandatory = words(parameters.get(KEY.mandatory))
  const missing = mandatory.some((key) => key === KEY.mandatory || !parameters.has(key))
  if (missing) throw new RangeError('A service binding lacks a parameter that it calls mandatory.')
  const ports = words(parameters.get(KEY.port))
  if (ports.length > 1) throw new RangeError('A service binding has a port of the wrong length.')
  const noDefaultAlpn = parameters.get(KEY.noDefaultAlpn)
  if (noDefaultAlpn && (noDefaultAlpn.length > 0 || !parameters.has(KEY.alpn))) {
    throw new RangeError('A service binding gives up its default protocol without naming another.')
  }
  return {
    mandatory,
    alpn: protocolNames(parameters.get(KEY.alpn)),
    noDefaultAlpn: noDefaultAlpn !== undefined,
    port: ports[0] ?? null,
    ipv4Hint: addresses(parameters.get(KEY.ipv4Hint), 4),
    ipv6Hint: addresses(parameters.get(KEY.ipv6Hint), 16),
    ech: parameters.get(KEY.ech) ?? null,
    dohPath: parameters.has(KEY.dohPath) ? utf8(parameters.get(KEY.dohPath)) : null,
  }
}

/** A parameter that is there has at least one value in it. */
function words(bytes: Uint8Array | undefined): number[] {
  if (!bytes) return []
  const reader = new Reader(bytes)
  const values = [reader.uint16()]
  while (!reader.atEnd) values.push(reader.uint16())
  return values
}

function addresses(bytes: Uint8Array | undefined, size: 4 | 16): InetAddress[] {
  if (!bytes) return []
  const reader = new Reader(bytes)
  const values = [InetAddress.fromBytes(reader.bytes(size))]
  while (!reader.atEnd) values.push(InetAddress.fromBytes(reader.bytes(size)))
  return values
}

function protocolNames(bytes: Uint8Array | undefined): string[] {
  if (!bytes) return []
  const reader = new Reader(bytes)
  const values: string[] = []
  do {
    const length = reader.uint8()
    if (length === 0) throw new RangeError('A service binding has an empty protocol name.')
    values.push(Buffer.from(reader.bytes(length)).toString('latin1'))
  } while (!reader.atEnd)
  return values
}

function utf8(bytes: Uint8Array | undefined): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new RangeError('A service binding has text that is not UTF-8.', { cause })
  }
}

/** Reads from the front, and never past the end. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  bytes(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new RangeError('A service binding ends too early.')
    return Uint8Array.from(this.#bytes.subarray(this.#at, (this.#at += count)))
  }

  uint8(): number {
    return this.bytes(1)[0] as number
  }

  uint16(): number {
    return (this.uint8() << 8) | this.uint8()
  }

  /** Not compressed (RFC 9460 section 2.2). */
  name(): string {
    const labels: string[] = []
    let total = 0
    for (let length = this.uint8(); length > 0; length = this.uint8()) {
      total += length + 1
      if (length > 63 || total > 254) throw new RangeError('A service binding has a name that is too long.')
      labels.push(Buffer.from(this.bytes(length)).toString('latin1'))
    }
    return labels.length === 0 ? '.' : labels.join('.')
  }
}
