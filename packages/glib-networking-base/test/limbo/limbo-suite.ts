// The x509-limbo suite (C2SP, github.com/C2SP/x509-limbo): certificate chains and what a careful verifier says of them.
// The backends' tests run it through `TlsBackend.verifyChain`, base's own through node:crypto.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CertificateRevocationList,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  TlsCertificate,
  TlsCertificateFlags,
  TlsDatabase,
  TlsError,
  type VerifyChainOptions,
} from '@wpe-networking/glib-networking-base'

interface PeerName {
  readonly kind: 'DNS' | 'IP' | 'RFC822'
  readonly value: string
}

/** One case, as in the file. */
export interface LimboCase {
  readonly id: string
  readonly validation_kind: 'CLIENT' | 'SERVER'
  readonly trusted_certs: readonly string[]
  readonly untrusted_intermediates: readonly string[]
  readonly peer_certificate: string
  readonly validation_time: string | null
  readonly extended_key_usage: readonly ('serverAuth' | 'clientAuth')[]
  readonly expected_result: 'SUCCESS' | 'FAILURE'
  readonly expected_peer_name: PeerName | null
  readonly max_chain_depth: number | null
  readonly crls: readonly string[]
}

/** `TlsBackend.verifyChain`, or what does the same. */
export type VerifyChain = (certificates: readonly TlsCertificate[], options: VerifyChainOptions) => TlsCertificateFlags

export interface LimboVerdict {
  readonly verdict: LimboCase['expected_result']
  /** What was wrong. A certificate that cannot even be decoded is a GENERIC_ERROR. */
  readonly flags: TlsCertificateFlags
}

const file = join(import.meta.dirname, '../data/x509-limbo.json')

/** Cases without a time of their own are valid for centuries; any moment does. */
const DEFAULT_TIME = '2026-01-01T00:00:00Z'

export const limboCases: readonly LimboCase[] = (
  JSON.parse(readFileSync(file, 'utf8')) as { testcases: readonly LimboCase[] }
).testcases

/** `rfc5280::nc` for `rfc5280::nc::excluded-dns-match`. */
export function limboGroup({ id }: LimboCase): string {
  return id.split('::').slice(0, -1).join('::')
}

/**
 * Runs one case. Mail addresses are no identity TLS knows, so that only the chain is judged for these; key usages are
 * those of TLS in every case that names any.
 */
export function runLimboCase(limbo: LimboCase, verifyChain: VerifyChain): LimboVerdict {
  const flags = limboFlags(limbo, verifyChain)
  return { verdict: flags === 0 ? 'SUCCESS' : 'FAILURE', flags }
}

function limboFlags(limbo: LimboCase, verifyChain: VerifyChain): TlsCertificateFlags {
  try {
    const leaf = TlsCertificate.fromPem(limbo.peer_certificate)
    const intermediates = limbo.untrusted_intermediates.flatMap((pem) => TlsCertificate.listFromPem(pem))
    const revocationLists = limbo.crls.map((crl) => new CertificateRevocationList(crl))
    return verifyChain([leaf, ...intermediates], {
      database: new TlsDatabase(limbo.trusted_certs, { revocationLists }),
      purpose: purposeOf(limbo),
      identity: limbo.expected_peer_name?.value ?? null,
      time: new Date(limbo.validation_time ?? DEFAULT_TIME),
      maximumDepth: limbo.max_chain_depth ?? undefined,
    })
  } catch (error) {
    if (error instanceof TlsError) return TlsCertificateFlags.GENERIC_ERROR
    throw error
  }
}

function purposeOf(limbo: LimboCase): string {
  return limbo.validation_kind === 'CLIENT'
    ? TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT
    : TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER
}
