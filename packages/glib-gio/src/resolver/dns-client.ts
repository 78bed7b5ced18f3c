// Asks DNS servers over UDP, and over TCP what does not fit. Used by DnsResolver, and for records by the system's way.
// Upstream: what libresolv's res_nsearch does for gthreadedresolver.c. RFC 1035 section 7, RFC 6891, RFC 7766.

import { randomInt } from 'node:crypto'
import { IOError } from '../io-error.ts'
import { decodeAnswer, encodeQuestion } from './dns-message.ts'
import type { DnsMessage, DnsQuestion } from './dns-message.ts'
import type { DnsServer } from './dns-server.ts'
import type { DnsTransport } from './dns-transport.ts'
import { DEFAULT_DNS_CONFIGURATION, readResolvConf } from './resolv-conf.ts'
import type { DnsConfiguration } from './resolv-conf.ts'
import { nodeErrorCode } from '../node-error.ts'
import { ResolverError } from './resolver-error.ts'
import { Slots } from './slots.ts'
import { exchangeTcp } from './tcp-exchange.ts'
import { exchangeUdp } from './udp-exchange.ts'

/** Answers that settle a question; after any other, the next server is asked. */
const FINAL_RCODES: ReadonlySet<string> = new Set(['NOERROR', 'NXDOMAIN'])
/** What a server says that does not know EDNS, or another version of it (RFC 6891 sections 6.1.3 and 7). */
const NO_EDNS_RCODES: ReadonlySet<string> = new Set(['FORMERR', 'NOTIMP', 'BADVERS'])
/** Nothing that another server could mend: the process may not use the network, or has no descriptor left. */
const OWN_FAULTS: ReadonlySet<string> = new Set(['ERR_ACCESS_DENIED', 'EMFILE', 'ENFILE'])
/** Questions on their way at a time, each with a socket of its own; further ones wait. */
const MAX_EXCHANGES = 64

export class DnsClient implements DnsTransport {
  readonly #given: Partial<DnsConfiguration>
  readonly #slots = new Slots(MAX_EXCHANGES)
  #configuration: Promise<DnsConfiguration> | undefined

  /** @param given Overrides what resolv.conf says; without `servers` in it, the file is read. */
  constructor(given: Partial<DnsConfiguration> = {}) {
    this.#given = given
  }

  async query(question: DnsQuestion, { signal }: { readonly signal: AbortSignal }): Promise<DnsMessage> {
    const configuration = await this.#configure()
    const causes: unknown[] = []
    for (let attempt = 0; attempt < configuration.attempts; attempt++) {
      for (const server of configuration.servers) {
        if (signal.aborted) throw IOError.cancelled(signal)
        try {
          return await this.#ask(question, server, configuration, signal)
        } catch (error) {
          if (signal.aborted) throw IOError.cancelled(signal)
          if (OWN_FAULTS.has(nodeErrorCode(error))) throw error
          causes.push(error)
        }
      }
    }
    throw ResolverError.temporaryFailure(question.name, { cause: causes.at(-1) })
  }

  async candidates(hostname: string): Promise<readonly string[]> {
    if (hostname.endsWith('.')) return [hostname.slice(0, -1)]
    const { search, ndots } = await this.#configure()
    const extended = search.map((domain) => `${hostname}.${domain}`).filter((name) => name.length <= 253)
    const dots = hostname.split('.').length - 1
    return dots >= ndots ? [hostname, ...extended] : [...extended, hostname]
  }

  reload(): void {
    this.#configuration = undefined
  }

  /** Every question has a socket of its own, closed with its answer: nothing is kept. */
  close(): void {}

  #configure(): Promise<DnsConfiguration> {
    this.#configuration ??= readConfiguration(this.#given)
    return this.#configuration
  }

  async #ask(
    question: DnsQuestion,
    server: DnsServer,
    { timeoutMs, useTcp }: DnsConfiguration,
    signal: AbortSignal,
  ): Promise<DnsMessage> {
    let edns = true
    let overTcp = useTcp
    for (;;) {
      const options = { edns, overTcp, timeoutMs, signal }
      const message = await this.#slots.run(() => exchange(question, server, options), signal)
      if (FINAL_RCODES.has(message.rcode) && !message.truncated) return message
      if (edns && NO_EDNS_RCODES.has(message.rcode)) edns = false
      else if (message.truncated && !overTcp) overTcp = true
      else throw new IOError('FAILED', `The DNS server ${server.address} gave no answer but ${message.rcode}.`)
    }
  }
}

interface ExchangeOptions {
  readonly edns: boolean
  readonly overTcp: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** One question to one server and its answer, in time. */
async function exchange(question: DnsQuestion, server: DnsServer, options: ExchangeOptions): Promise<DnsMessage> {
  const { edns, overTcp, timeoutMs, signal } = options
  const id = randomInt(0x10000)
  const query = encodeQuestion(question, id, { edns })
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(IOError.cancelled(signal))
  const onTimeout = (): void =>
    stop.abort(new IOError('TIMED_OUT', `The DNS server ${server.address} did not answer within ${timeoutMs} ms.`))
  const timer = setTimeout(onTimeout, timeoutMs)
  signal.addEventListener('abort', onAbort)
  try {
    const read = (bytes: Buffer): DnsMessage | null => decodeAnswer(bytes, question, id)
    return await (overTcp ? exchangeTcp : exchangeUdp)(query, server, read, stop.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

async function readConfiguration(given: Partial<DnsConfiguration>): Promise<DnsConfiguration> {
  // What the file says belongs to its own servers.
  const standard = given.servers ? DEFAULT_DNS_CONFIGURATION : await readResolvConf()
  return { ...standard, ...given }
}
