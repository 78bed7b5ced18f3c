// Asks a DNS server over HTTPS. Used by DnsOverHttpsResolver. RFC 8484.
//
// It stands on node:https, since libsoup is above this package and would ask the resolver for the name of the server.

import { Agent, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { IOError } from '../io-error.ts'
import { nodeErrorCode } from '../node-error.ts'
import { decodeAnswer, encodeQuestion } from './dns-message.ts'
import type { DnsMessage, DnsQuestion, DnsRecord } from './dns-message.ts'
import type { DnsTransport } from './dns-transport.ts'
import { ResolverError } from './resolver-error.ts'

export interface DnsOverHttpsClientOptions {
  /** Where questions are posted to, without the template's '{?dns}'. */
  readonly url: URL
  /** Gives the IP addresses of the server; not asked when its host is one. */
  readonly lookupServer: () => Promise<readonly string[]>
  /** How long one question may take, in milliseconds. */
  readonly timeoutMs: number
  /** Certificates to trust in place of Node's, as PEM. */
  readonly ca?: readonly string[] | undefined
}

/** The longest DNS message there is. */
const MAX_BODY_LENGTH = 65_535
const MEDIA_TYPE = 'application/dns-message'
/** RFC 8467 section 4.1. */
const PADDING_BLOCK = 128
/** Connections at a time; further questions wait for one. */
const MAX_CONNECTIONS = 6
/** How long an idle connection is kept, in milliseconds; it does not keep the process alive. */
const IDLE_TIMEOUT_MS = 30_000

export class DnsOverHttpsClient implements DnsTransport {
  readonly #options: DnsOverHttpsClientOptions
  readonly #agent: Agent
  #addresses: Promise<readonly string[]> | undefined

  constructor(options: DnsOverHttpsClientOptions) {
    this.#options = options
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: MAX_CONNECTIONS,
      timeout: IDLE_TIMEOUT_MS,
      ...(options.ca && { ca: [...options.ca] }),
    })
  }

  /** Tries the addresses of the server one after the other, until one can be connected to. */
  async query(question: DnsQuestion, { signal }: { readonly signal: AbortSignal }): Promise<DnsMessage> {
    let cause: unknown
    try {
      for (const address of await this.#serverAddresses()) {
        if (signal.aborted) throw IOError.cancelled(signal)
        try {
          return await this.#post(question, address, signal)
        } catch (error) {
          if (signal.aborted) throw IOError.cancelled(signal)
          cause = error
        }
      }
      if (!(cause instanceof IOError)) this.#addresses = undefined // nobody there: the server may have moved
    } catch (error) {
      if (signal.aborted) throw IOError.cancelled(signal)
      cause = error
    }
    if (nodeErrorCode(cause) === 'ERR_ACCESS_DENIED') throw cause
    throw ResolverError.temporaryFailure(question.name, { cause })
  }

  /** The server is somebody else's: the search domains of this machine are no business of it. */
  async candidates(hostname: string): Promise<readonly string[]> {
    return [hostname.replace(/\.$/, '')]
  }

  /** Idle connections may lead over a network that is gone; those in use show it themselves. */
  reload(): void {
    this.#addresses = undefined
    for (const socket of Object.values(this.#agent.freeSockets).flat()) socket?.destroy()
  }

  close(): void {
    this.#agent.destroy()
  }

  #serverAddresses(): Promise<readonly string[]> {
    const host = this.#options.url.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) !== 0) return Promise.resolve([host])
    this.#addresses ??= this.#options.lookupServer().catch((error: unknown) => {
      this.#addresses = undefined // the next question tries again
      throw error
    })
    return this.#addresses
  }

  /** The id is 0, so that caches on the way can tell that two questions are the same (RFC 8484 section 4.1). */
  async #post(question: DnsQuestion, address: string, signal: AbortSignal): Promise<DnsMessage> {
    const { url, timeoutMs } = this.#options
    const body = encodeQuestion(question, 0, { edns: true, padTo: PADDING_BLOCK })
    const late = AbortSignal.timeout(timeoutMs)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const posted = request(url, {
        method: 'POST',
        agent: this.#agent,
        headers: { accept: MEDIA_TYPE, 'content-type': MEDIA_TYPE, 'content-length': body.length },
        signal: AbortSignal.any([signal, late]),
        lookup: (_hostname, { all }, callback) => {
          const family = isIP(address)
          if (all) callback(null, [{ address, family }])
          else callback(null, address, family)
        },
      })
      posted.on('response', resolve).on('error', reject)
      posted.end(body)
    })
    const message = decodeAnswer(await readBody(response), question, 0)
    if (!message) throw new IOError('INVALID_DATA', 'The DNS server answered another question.')
    if (message.rcode !== 'NOERROR' && message.rcode !== 'NXDOMAIN') {
      throw new IOError('FAILED', `The DNS server ${url.host} gave no answer but ${message.rcode}.`)
    }
    return aged(message, response)
  }
}

/** @throws {IOError} `FAILED` for a status other than 200; `INVALID_DATA` for another type; `MESSAGE_TOO_LARGE`. */
async function readBody(response: IncomingMessage): Promise<Buffer> {
  try {
    if (response.statusCode !== 200) {
      throw new IOError('FAILED', `The DNS server answered with HTTP status ${response.statusCode ?? 0}.`)
    }
    if (response.headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== MEDIA_TYPE) {
      throw new IOError('INVALID_DATA', 'The DNS server answered with something that is no DNS message.')
    }
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > MAX_BODY_LENGTH) throw new IOError('MESSAGE_TOO_LARGE', 'The DNS answer is too long.')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    response.destroy()
    throw error
  }
}

/** What a cache on the way has held for some time holds that much shorter (RFC 8484 section 5.1). */
function aged(message: DnsMessage, response: IncomingMessage): DnsMessage {
  const age = /^[0-9]{1,9}$/.test(response.headers.age ?? '') ? Number(response.headers.age) : 0
  if (age === 0) return message
  const older = (record: DnsRecord): DnsRecord => ({ ...record, ttl: Math.max(record.ttl - age, 0) })
  return { ...message, answers: message.answers.map(older), authorities: message.authorities.map(older) }
}
