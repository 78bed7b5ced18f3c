// What a case of the chain tests is: something to present, and the flags every judge has to give it.
import type { CertificateUsage, IssuedCertificate } from '@wpe-networking/test-support'
import type { Trust } from '../peers.ts'

/** Who judges: a client in its handshake, a server in its own, or the backend without any connection. */
export type ChainJudge = 'client' | 'server' | 'backend'

export interface PresentedChain {
  /** `chainPem` is what the peer sends. */
  readonly issued: IssuedCertificate
  /** Whom the judge trusts; default: the root of the suite. */
  readonly anchors?: readonly string[]
  readonly revocationLists?: readonly string[]
  readonly ocspResponse?: Buffer
  /** Default `localhost`; a server checks none. */
  readonly identity?: string
}

export interface ChainCaseOptions {
  readonly trust: Trust
  /** What the leaf is needed for. */
  readonly usage: CertificateUsage & ('server' | 'client')
}

export interface ChainCase {
  readonly name: string
  /** 0: the chain is accepted. */
  readonly flags: number
  readonly make: (options: ChainCaseOptions) => Promise<PresentedChain>
  /** Default: all three. */
  readonly judges?: readonly ChainJudge[]
}

/** `issued` with other certificates behind its leaf than those it came with. */
export function withIssuers(issued: IssuedCertificate, ...issuersPem: readonly string[]): IssuedCertificate {
  return { ...issued, chainPem: issued.certificatePem + issuersPem.join('') }
}

const DAY = 24 * 60 * 60_000
/** Validities that are not now. */
export const PAST = { notBefore: new Date(Date.now() - 3 * DAY), notAfter: new Date(Date.now() - DAY) }
export const FUTURE = { notBefore: new Date(Date.now() + DAY), notAfter: new Date(Date.now() + 3 * DAY) }
