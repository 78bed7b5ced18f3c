// The cryptography of chain verifications by GnuTLS; parses each certificate once and frees all at the end of each one.
// Upstream: glib-networking/tls/gnutls/gtlsdatabase-gnutls.c (verify_chain).

import type { SignatureVerifier, TlsCertificate } from '@wpe-networking/glib-networking-base'
import type { GnutlsRuntime } from '../gnutls-runtime.ts'
import { GnutlsCertificate } from './gnutls-certificate.ts'

/** One for each runtime: the shared verification remembers its verdicts by the object that checked the signatures. */
export class GnutlsSignatureVerifier implements SignatureVerifier {
  readonly #runtime: GnutlsRuntime
  /** Of the verification under way, which bounds how many certificates are asked about. */
  readonly #parsed = new Map<TlsCertificate, GnutlsCertificate | null>()

  constructor(runtime: GnutlsRuntime) {
    this.#runtime = runtime
  }

  isSignedBy(certificate: TlsCertificate, issuer: TlsCertificate): boolean {
    const signer = this.#parse(issuer)
    return signer !== null && (this.#parse(certificate)?.isSignedBy(signer) ?? false)
  }

  /** Frees what was parsed; to be called at the end of each verification. */
  release(): void {
    for (const certificate of this.#parsed.values()) certificate?.[Symbol.dispose]()
    this.#parsed.clear()
  }

  #parse(certificate: TlsCertificate): GnutlsCertificate | null {
    let parsed = this.#parsed.get(certificate)
    if (parsed === undefined) {
      parsed = GnutlsCertificate.import(this.#runtime, certificate)
      this.#parsed.set(certificate, parsed)
    }
    return parsed
  }
}
