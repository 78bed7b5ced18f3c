// The one shape of everything below HTTP that is measured: connections whose two ends are in one process, because either
// end may be ours and a measurement of the sum leaves no choice whose half to blame.
import type { Duplex } from 'node:stream'

/** A connection, ready for data. */
export interface Ends {
  readonly client: Duplex
  readonly server: Duplex
  /** Whether the TLS handshake resumed an earlier session. */
  readonly resumed: boolean
}

export interface TransportContender {
  /** @param fresh Whether a TLS handshake has to be a full one; otherwise it resumes the session of the last connection. */
  connect(fresh: boolean): Promise<Ends>
  close(): void
}

export type CreateTransportContender = () => Promise<TransportContender>

/** Every fresh handshake is for another name, because sessions are kept by name. */
const DOMAIN = 'bench.test'
export const CERTIFICATE_NAMES = [DOMAIN, `*.${DOMAIN}`]
let fresh = 0

export function serverName(isFresh: boolean): string {
  return isFresh ? `h${fresh++}.${DOMAIN}` : DOMAIN
}
