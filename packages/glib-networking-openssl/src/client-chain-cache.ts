// The chains that clients presented to a server, because a resumed session holds the client's own certificate without its
// issuers, and is judged again each time.

import type { TlsCertificate } from '@wpe-networking/glib-networking-base'
import type { PeerCertificates } from './peer-certificates.ts'

/** Chains remembered; the one least recently presented goes first. Its client then has to do with its leaf alone. */
const MAX_CHAINS = 1024

/** A bounded memory of chains by their leaf. */
export class ClientChainCache {
  readonly #chains = new Map<string, PeerCertificates>()
  readonly #maximum: number

  constructor(maximum = MAX_CHAINS) {
    this.#maximum = maximum
  }

  /** Remembers a chain; one without issuers needs no remembering. */
  add(certificates: PeerCertificates): void {
    if (certificates.sent.length < 2) return
    const key = keyOf(certificates.leaf)
    this.#chains.delete(key) // Re-inserted at the end, which is where a Map keeps its youngest.
    this.#chains.set(key, certificates)
    if (this.#chains.size <= this.#maximum) return
    for (const oldest of this.#chains.keys()) {
      this.#chains.delete(oldest)
      break
    }
  }

  /** The chain `leaf` was presented with, or null. */
  get(leaf: TlsCertificate): PeerCertificates | null {
    return this.#chains.get(keyOf(leaf)) ?? null
  }
}

function keyOf(leaf: TlsCertificate): string {
  return leaf.x509.fingerprint256
}
