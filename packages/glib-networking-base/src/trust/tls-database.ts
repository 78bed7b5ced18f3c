// The certificates a connection trusts; given to backends, which cache what they derive from it by object identity.
// Upstream: glib/gio/gtlsdatabase.c. Everything is synchronous: it is computation alone, on data already in memory.

import { createHash } from 'node:crypto'
import { TlsCertificate } from '../certificates/tls-certificate.ts'
import { CertificateRevocationList } from '../revocation/certificate-revocation-list.ts'
import type { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import { decodeOrNull, DecodedCertificate } from '../verification/decoded-certificate.ts'
import { DistinguishedName } from '../verification/distinguished-name.ts'
import { nodeSignatureVerifier } from '../verification/node-signature-verifier.ts'
import { verifyChain, type VerifyChainOptions } from '../verification/verify-chain.ts'
import { AnchorIndex } from './anchor-index.ts'
import { TlsDatabaseLookupFlags } from './tls-database-lookup-flags.ts'
import { systemAnchorsPem } from './system-trust.ts'

let defaultDatabase: TlsDatabase | undefined

export interface TlsDatabaseOptions {
  /** Certificate revocation lists of the authorities, each as DER, PEM or decoded. Default: none. */
  readonly revocationLists?: readonly (Uint8Array | string | CertificateRevocationList)[] | undefined
}

/** What {@link TlsDatabase.verifyChain} may be told besides purpose and identity. */
export type TlsDatabaseVerifyOptions = Pick<VerifyChainOptions, 'time' | 'maximumDepth' | 'ocspResponse'>

/** A set of trust anchors. Immutable, so a backend may keep what it made of it for as long as the database lives. */
export class TlsDatabase {
  /** The anchors as PEM text, one certificate each. Cheap: nothing is decoded. */
  readonly anchorsPem: readonly string[]
  /** What the authorities have revoked, as far as the database was told. */
  readonly revocationLists: readonly CertificateRevocationList[]
  readonly #decoded: (TlsCertificate | undefined)[]
  #anchors: readonly TlsCertificate[] | undefined
  #index: AnchorIndex | undefined

  /**
   * @param anchors The certificates to trust, each as PEM text of one certificate or decoded.
   * @throws {TlsError} `BAD_CERTIFICATE` when a revocation list cannot be decoded.
   */
  constructor(anchors: readonly (string | TlsCertificate)[], options: TlsDatabaseOptions = {}) {
    this.anchorsPem = anchors.map((anchor) => (typeof anchor === 'string' ? anchor : anchor.certificatePem))
    this.#decoded = anchors.map((anchor) => (typeof anchor === 'string' ? undefined : anchor))
    this.revocationLists = (options.revocationLists ?? []).map((list) =>
      list instanceof CertificateRevocationList ? list : new CertificateRevocationList(list),
    )
  }

  /** What the machine trusts; read once per process, at the first call. */
  static getDefault(): TlsDatabase {
    return (defaultDatabase ??= new TlsDatabase(systemAnchorsPem()))
  }

  /**
   * The anchors, decoded at the first call (a system store takes some 20 ms).
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when one cannot be decoded.
   */
  get anchors(): readonly TlsCertificate[] {
    return (this.#anchors ??= this.anchorsPem.map((_, position) => this.#certificateAt(position)))
  }

  /** Finds anchors by name; decodes no more than it is asked for. @internal */
  get anchorIndex(): AnchorIndex {
    return (this.#index ??= new AnchorIndex(this.anchorsPem, (position) => this.#certificateAt(position)))
  }

  /**
   * What is wrong with `chain`, a leaf with the issuers it came with, by Node's own cryptography; 0 when nothing is.
   * A backend's `verifyChain` does the same with its library's.
   *
   * @param purpose An extended key usage, such as `TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER`.
   * @param identity The host name or IP address the leaf must be for; null checks no identity.
   */
  verifyChain(
    chain: TlsCertificate,
    purpose: string,
    identity: string | null,
    options: TlsDatabaseVerifyOptions = {},
  ): TlsCertificateFlags {
    const certificates: TlsCertificate[] = []
    for (let link: TlsCertificate | null = chain; link !== null; link = link.issuer) certificates.push(link)
    return verifyChain(certificates, { ...options, database: this, purpose, identity }, nodeSignatureVerifier)
  }

  /** The anchor that signed `certificate`, or null when none did. */
  lookupCertificateIssuer(
    certificate: TlsCertificate,
    flags: TlsDatabaseLookupFlags = TlsDatabaseLookupFlags.NONE,
  ): TlsCertificate | null {
    const decoded = decodeOrNull(certificate)
    if (decoded === null) return null
    const named = this.anchorIndex.named(decoded.issuer).map((anchor) => anchor.certificate)
    return (
      named.find((anchor) => isWanted(anchor, flags) && nodeSignatureVerifier.isSignedBy(certificate, anchor)) ?? null
    )
  }

  /**
   * The anchors issued by the authority with the distinguished name `issuerRawDn`, in DER; empty when there are none.
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when that is no name, or an anchor cannot be decoded.
   */
  lookupCertificatesIssuedBy(
    issuerRawDn: Uint8Array,
    flags: TlsDatabaseLookupFlags = TlsDatabaseLookupFlags.NONE,
  ): readonly TlsCertificate[] {
    const { key } = new DistinguishedName(Buffer.from(issuerRawDn))
    return this.anchors.filter((anchor) => isWanted(anchor, flags) && DecodedCertificate.of(anchor).issuer.key === key)
  }

  /** A text that stands for `certificate` in this database, and in any made from the same source; null when not in it. */
  createCertificateHandle(certificate: TlsCertificate): string | null {
    const decoded = decodeOrNull(certificate)
    return decoded !== null && this.anchorIndex.has(decoded) ? this.handlePrefix + fingerprint(certificate) : null
  }

  /** The anchor that `handle` of {@link TlsDatabase.createCertificateHandle} stands for, or null. */
  lookupCertificateForHandle(
    handle: string,
    flags: TlsDatabaseLookupFlags = TlsDatabaseLookupFlags.NONE,
  ): TlsCertificate | null {
    const anchor = this.anchors.find((candidate) => this.handlePrefix + fingerprint(candidate) === handle)
    return anchor !== undefined && isWanted(anchor, flags) ? anchor : null
  }

  /** What the handles of this database begin with. */
  protected get handlePrefix(): string {
    return 'sha256:'
  }

  #certificateAt(position: number): TlsCertificate {
    return (this.#decoded[position] ??= new TlsCertificate(this.anchorsPem[position] ?? ''))
  }
}

function isWanted({ privateKeyPem }: TlsCertificate, flags: TlsDatabaseLookupFlags): boolean {
  return flags === TlsDatabaseLookupFlags.NONE || privateKeyPem !== null
}

function fingerprint(certificate: TlsCertificate): string {
  return createHash('sha256').update(certificate.certificate).digest('hex')
}
