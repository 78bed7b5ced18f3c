// What a server says in a challenge of the scheme Digest. Read by AuthDigest. RFC 7616 section 3.3.

import { parseDigestAlgorithm, parseDigestQop } from './digest.ts'
import type { DigestAlgorithm, DigestQop } from './digest.ts'

/** Longest nonce, opaque and realm: they are sent back with every message. */
export const MAX_DIGEST_VALUE_LENGTH = 4096

export interface DigestChallenge {
  readonly algorithm: DigestAlgorithm
  readonly nonce: string
  readonly opaque: string | null
  /** Empty as in RFC 2069. */
  readonly qop: readonly DigestQop[]
  readonly domain: string | null
  readonly wantsUserHash: boolean
  readonly wantsUtf8: boolean
}

/** Null when it cannot be answered: without a nonce, with an algorithm or only qop values unknown here, or too long. */
export function readDigestChallenge(params: ReadonlyMap<string, string>): DigestChallenge | null {
  const algorithm = parseDigestAlgorithm(params.get('algorithm'))
  const nonce = params.get('nonce')
  const opaque = params.get('opaque') ?? null
  if (algorithm === null || nonce === undefined) return null
  if (nonce.length > MAX_DIGEST_VALUE_LENGTH || (opaque ?? '').length > MAX_DIGEST_VALUE_LENGTH) return null
  const offered = params.get('qop')
  const qop = offered === undefined ? [] : parseDigestQop(offered)
  if (offered !== undefined && qop.length === 0) return null
  return {
    algorithm,
    nonce,
    opaque,
    qop,
    domain: params.get('domain') ?? null,
    wantsUserHash: params.get('userhash')?.toLowerCase() === 'true',
    wantsUtf8: params.get('charset')?.toLowerCase() === 'utf-8',
  }
}
