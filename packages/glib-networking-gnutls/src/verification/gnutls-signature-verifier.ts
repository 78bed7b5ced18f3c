// The cryptography of one chain verification by GnuTLS; parses each certificate once and frees all at its end.
// Upstream: glib-networking/tls/gnutls/gtlsdatabase-gnutls.c (verify_chain).

import type { SignatureVerifier, TlsCertificate } from '@wpe-networking/glib-networking-base'
import type { GnutlsRuntime } from '../gnutls-runtime.ts'
import { GnutlsCertificate } from './gnutls-certificate.ts'

/** To be used with `using`. The verification it is given to bounds how many certificates it is asked about. */
export class GnutlsSignatureVerifier implements SignatureVerifier, Disposable {
  readonly #runtime: GnutlsRuntime
  readonly #parsed = new Map<TlsCertificate, GnutlsCertificate | null>()

  constructor(runtime: GnutlsRuntime) {
    this.#runtime = runtime
  }

  isSignedBy(certificate: TlsCertificate, issuer: TlsCertificate): boolean {
    const signer = this.#parse(issuer)
    return signer !== null && (this.#parse(certificate)?.isSignedBy(signer) ?? false)
  }

  #parse(certificate: TlsCertificate): GnutlsCertificate | null {
    let parsed = this.#parsed.get(certificate)
    if (parsed === undefined) {
      parsed = GnutlsCertificate.import(this.#runtime, certificate)
      this.#parsed.set(certificate, parsed)
    }
    return parsed
  }

  [Symbol.dispose](): void {
    for (const certificate of this.#parsed.values()) certificate?.[Symbol.dispose]()
    this.#parsed.clear()
  }
}
