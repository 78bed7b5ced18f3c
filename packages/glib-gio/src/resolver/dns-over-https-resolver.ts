// A Resolver that asks over HTTPS, so that nobody on the way sees or changes what is looked up. RFC 8484.

import { isIP } from 'node:net'
import { IOError } from '../io-error.ts'
import { DnsOverHttpsClient } from './dns-over-https-client.ts'
import { DnsSource } from './dns-source.ts'
import { Resolver } from './resolver.ts'
import type { ResolverOptions } from './resolver.ts'

export interface DnsOverHttpsResolverOptions extends ResolverOptions {
  /** The address of the service: 'https://dns.example/dns-query', also as a template with '{?dns}'. */
  readonly uri: string
  /** IP addresses of the server, tried in this order. Without them the system is asked for its name. */
  readonly bootstrapAddresses?: readonly string[] | undefined
  /** How long one question may take, in milliseconds; default 5000. */
  readonly serverTimeout?: number | undefined
  /** Certificates to trust in place of Node's, as PEM. */
  readonly ca?: readonly string[] | undefined
}

const DEFAULT_TIMEOUT_MS = 5000

/** `close()` it when it is no longer needed: it keeps connections to the server for 30 seconds. */
export class DnsOverHttpsResolver extends Resolver {
  /** @throws {IOError} `INVALID_ARGUMENT` for a URI that is not 'https:', or a bootstrap address that is none. */
  constructor(options: DnsOverHttpsResolverOptions) {
    const { uri, bootstrapAddresses, serverTimeout: timeoutMs = DEFAULT_TIMEOUT_MS, ca } = options
    const url = URL.parse(uri.replace(/\{[^}]*\}/g, ''))
    if (url?.protocol !== 'https:') {
      throw new IOError('INVALID_ARGUMENT', 'A DNS-over-HTTPS server has a URI that begins with "https:".')
    }
    if (bootstrapAddresses?.some((address) => isIP(address) === 0)) {
      throw new IOError('INVALID_ARGUMENT', 'A bootstrap address is not an IP address.')
    }
    const lookupServer = async (): Promise<readonly string[]> => {
      if (bootstrapAddresses && bootstrapAddresses.length > 0) return bootstrapAddresses
      const system = new Resolver({ timeout: timeoutMs })
      return (await system.lookupByName(url.hostname)).map(String)
    }
    super(options, new DnsSource(new DnsOverHttpsClient({ url, lookupServer, timeoutMs, ca })))
  }
}
