// A certificate as GnuTLS parsed it, freed with `using`; what the shared verification asks of it.
// Upstream: glib-networking/tls/gnutls/gtlscertificate-gnutls.c. RFC 5280 section 4.1.

import { DerReader, DerTag, TlsError, type TlsCertificate } from '@wpe-networking/glib-networking-base'
import type { GnutlsRuntime } from '../gnutls-runtime.ts'
import { datum } from '../gnutls-session-handle.ts'
import {
  GNUTLS_VERIFY_ALLOW_BROKEN,
  GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1,
  GNUTLS_X509_FMT_DER,
  type Pointer,
} from '../libgnutls.ts'

/** The two parts of a certificate that a check of its signature needs; GnuTLS takes them but does not give the first. */
interface SignedParts {
  readonly toBeSigned: Buffer
  readonly signature: Buffer
}

export class GnutlsCertificate implements Disposable {
  readonly #runtime: GnutlsRuntime
  /** The `gnutls_x509_crt_t`, until this is disposed of. */
  readonly handle: Pointer
  readonly #parts: SignedParts
  /** Its public key; null when GnuTLS cannot use it, undefined before it was asked for. */
  #key: Pointer | null | undefined

  private constructor(runtime: GnutlsRuntime, handle: Pointer, parts: SignedParts) {
    this.#runtime = runtime
    this.handle = handle
    this.#parts = parts
    runtime.certificates++
  }

  /** @returns Null when GnuTLS cannot parse it. */
  static import(runtime: GnutlsRuntime, certificate: TlsCertificate): GnutlsCertificate | null {
    const { lib } = runtime
    const der = certificate.certificate
    const parts = signedPartsOf(der)
    const out: [Pointer | null] = [null]
    if (parts === null || lib.gnutls_x509_crt_init(out) < 0 || out[0] === null) return null
    if (lib.gnutls_x509_crt_import(out[0], datum(der), GNUTLS_X509_FMT_DER) < 0) {
      lib.gnutls_x509_crt_deinit(out[0])
      return null
    }
    return new GnutlsCertificate(runtime, out[0], parts)
  }

  /** Whether the key of `issuer` made the signature; how strong either is counts for nothing here. */
  isSignedBy(issuer: GnutlsCertificate): boolean {
    const key = issuer.#publicKey
    if (key === null) return false
    const { lib } = this.#runtime
    const algorithm = lib.gnutls_x509_crt_get_signature_algorithm(this.handle)
    const flags = GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1
    const { toBeSigned, signature } = this.#parts
    return lib.gnutls_pubkey_verify_data2(key, algorithm, flags, datum(toBeSigned), datum(signature)) >= 0
  }

  get #publicKey(): Pointer | null {
    if (this.#key !== undefined) return this.#key
    const { lib } = this.#runtime
    const out: [Pointer | null] = [null]
    this.#key = null
    if (lib.gnutls_pubkey_init(out) < 0 || out[0] === null) return null
    if (lib.gnutls_pubkey_import_x509(out[0], this.handle, 0) < 0) lib.gnutls_pubkey_deinit(out[0])
    else this.#key = out[0]
    return this.#key
  }

  [Symbol.dispose](): void {
    const { lib } = this.#runtime
    if (this.#key) lib.gnutls_pubkey_deinit(this.#key)
    lib.gnutls_x509_crt_deinit(this.handle)
    this.#runtime.certificates--
  }
}

/** Null when `der` is malformed. */
function signedPartsOf(der: Buffer): SignedParts | null {
  try {
    const certificate = new DerReader(der).inside(DerTag.SEQUENCE)
    const toBeSigned = certificate.element().raw
    certificate.read(DerTag.SEQUENCE) // signatureAlgorithm
    return { toBeSigned, signature: certificate.bitStringOctets() }
  } catch (error) {
    if (error instanceof TlsError) return null
    throw error
  }
}
