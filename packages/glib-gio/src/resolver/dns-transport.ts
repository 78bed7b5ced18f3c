// How questions get to a DNS server and answers back. Implemented by DnsClient (UDP and TCP) and DnsOverHttpsClient.

import type { DnsMessage, DnsQuestion } from './dns-message.ts'

export interface DnsTransport {
  /**
   * Asks one question. The answer may say that there is no such name (`NXDOMAIN`) or record; that is no error.
   *
   * @param options.signal Ends the exchange and closes its sockets.
   * @throws {ResolverError} `TEMPORARY_FAILURE` when no server gives a usable answer. @throws {IOError} `CANCELLED`.
   */
  query(question: DnsQuestion, options: { readonly signal: AbortSignal }): Promise<DnsMessage>
  /** The names to ask for in place of `hostname`, best first: with search domains, where there are any. */
  candidates(hostname: string): Promise<readonly string[]>
  /** Forgets what it has read from the system's configuration. */
  reload(): void
  /** Closes connections that are kept open. */
  close(): void
}
