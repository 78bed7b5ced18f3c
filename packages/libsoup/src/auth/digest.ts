// The computations of Digest, without state. Called by AuthDigest and by the server's auth domain. RFC 7616 section 3.4.
// Upstream: soup_auth_digest_compute_* in libsoup/auth/soup-auth-digest.c.

import { createHash, timingSafeEqual } from 'node:crypto'

/** Names of the hash algorithms as challenges write them; with `-sess` the key is good for one session only. */
export const DIGEST_ALGORITHMS = [
  'MD5',
  'MD5-sess',
  'SHA-256',
  'SHA-256-sess',
  'SHA-512-256',
  'SHA-512-256-sess',
] as const
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number]

/** What is protected: method and URI, or the request body as well. */
export type DigestQop = 'auth' | 'auth-int'

/** The algorithm of that name, in any letter case; MD5 when none is named, null when it is unknown. */
export function parseDigestAlgorithm(name: string | undefined): DigestAlgorithm | null {
  if (name === undefined) return 'MD5'
  const wanted = name.toLowerCase()
  return DIGEST_ALGORITHMS.find((known) => known.toLowerCase() === wanted) ?? null
}

/** The known ones of a list such as `auth,auth-int`. */
export function parseDigestQop(list: string): DigestQop[] {
  const names = list.split(',', 16).map((name) => name.trim().toLowerCase())
  return names.filter((name) => name === 'auth' || name === 'auth-int')
}

/** Whether the key is good for one session only. */
export function isSessionAlgorithm(algorithm: DigestAlgorithm): boolean {
  return algorithm.endsWith('-sess')
}

/** The hash of the parts with colons between, in hex. Text is taken as UTF-8. */
export function digestHash(algorithm: DigestAlgorithm, ...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash(nodeHash(algorithm))
  parts.forEach((part, i) => {
    if (i > 0) hash.update(':')
    hash.update(part)
  })
  return hash.digest('hex')
}

/**
 * What stands for the password: the hash of user, realm and password. Servers keep it in files made by htdigest; it is
 * worth as much as the password for this realm.
 */
export function digestSecret(
  algorithm: DigestAlgorithm,
  username: string | Uint8Array,
  realm: string | Uint8Array,
  password: string | Uint8Array,
): string {
  return digestHash(algorithm, username, realm, password)
}

/** H(A1): the secret, or for `-sess` the key made of it with the nonce and the cnonce the session began with. */
export function digestKey(algorithm: DigestAlgorithm, secret: string, nonce: string, cnonce: string): string {
  return isSessionAlgorithm(algorithm) ? digestHash(algorithm, secret, fieldBytes(nonce), fieldBytes(cnonce)) : secret
}

export interface DigestInput {
  readonly algorithm: DigestAlgorithm
  /** What `digestKey` gave. */
  readonly key: string
  /** Of the request; `''` for the proof that the server gives in `rspauth`. */
  readonly method: string
  /** The value of `uri`. */
  readonly uri: string
  readonly nonce: string
  /** Null as in RFC 2069: then neither `cnonce` nor `nc` count. */
  readonly qop: DigestQop | null
  readonly cnonce: string
  /** Times the nonce was used, this one included. */
  readonly nonceCount: number
  /** The body that `auth-int` protects. */
  readonly body?: Uint8Array
}

/** The value of `response`, or of `rspauth`. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, key, method, qop } = input
  const uri = fieldBytes(input.uri)
  const a2 =
    qop === 'auth-int'
      ? digestHash(algorithm, method, uri, digestHash(algorithm, input.body ?? new Uint8Array()))
      : digestHash(algorithm, method, uri)
  const nonce = fieldBytes(input.nonce)
  if (qop === null) return digestHash(algorithm, key, nonce, a2)
  return digestHash(algorithm, key, nonce, formatNonceCount(input.nonceCount), fieldBytes(input.cnonce), qop, a2)
}

/** The value of `nc`: eight hex digits. */
export function formatNonceCount(count: number): string {
  return count.toString(16).padStart(8, '0')
}

/** The value of `username` where the server wants it hashed, RFC 7616 section 3.4.4. */
export function digestUserHash(
  algorithm: DigestAlgorithm,
  username: string | Uint8Array,
  realm: string | Uint8Array,
): string {
  return digestHash(algorithm, username, realm)
}

/** Whether two digests are the same, in a time that does not tell where they differ. */
export function isSameDigest(a: string, b: string): boolean {
  const left = Buffer.from(a.toLowerCase(), 'latin1')
  const right = Buffer.from(b.toLowerCase(), 'latin1')
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The bytes a received field's text was made of: one to a character, save where it was decoded as UTF-8 already. */
export function fieldBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  return bytes.toString('latin1') === text ? bytes : Buffer.from(text, 'utf8')
}

function nodeHash(algorithm: DigestAlgorithm): string {
  if (algorithm.startsWith('MD5')) return 'md5'
  return algorithm.startsWith('SHA-512-256') ? 'sha512-256' : 'sha256'
}
