// A domain with the Digest scheme: the password never travels, and no credential is good twice.
// Upstream: libsoup/server/soup-auth-domain-digest.c. RFC 7616.

import { formatChallenge, parseCredentials } from '../../auth/challenge.ts'
import {
  digestKey,
  digestResponse,
  digestSecret,
  fieldBytes,
  isSameDigest,
  parseDigestAlgorithm,
} from '../../auth/digest.ts'
import { decodeExtValue, decodeUtf8 } from '../../headers/ext-value.ts'
import type { ServerMessage } from '../server-message.ts'
import { AuthDomain, type AuthDomainOptions } from './auth-domain.ts'
import { DigestNonces } from './digest-nonces.ts'

/** Algorithms a domain offers. */
export type AuthDomainDigestAlgorithm = 'MD5' | 'SHA-256'

/**
 * The encoded password of `username` for `algorithm`, as `AuthDomainDigest.encodePassword` makes it or as a file has it;
 * null when there is no such user.
 */
export type AuthDomainDigestAuthCallback = (
  domain: AuthDomainDigest,
  message: ServerMessage,
  username: string,
  algorithm: AuthDomainDigestAlgorithm,
) => string | null | Promise<string | null>

export interface AuthDomainDigestOptions extends AuthDomainOptions {
  readonly authCallback?: AuthDomainDigestAuthCallback | null
  /** Best first. Default `['SHA-256', 'MD5']`; upstream's is MD5 alone. */
  readonly algorithms?: readonly AuthDomainDigestAlgorithm[]
  /** Seconds a nonce is good for. Default 300. */
  readonly nonceLifetime?: number
}

/** What a request proves: parsed and checked, all but the proof itself. */
interface DigestClaim {
  readonly username: string
  readonly algorithm: AuthDomainDigestAlgorithm
  readonly nonce: string
  readonly nonceCount: number
  readonly cnonce: string
  readonly uri: string
  readonly response: string
}

const DEFAULT_NONCE_LIFETIME_SECONDS = 300

/** @see AuthDomain */
export class AuthDomainDigest extends AuthDomain {
  /** Asked instead of `genericAuthCallback`. */
  authCallback: AuthDomainDigestAuthCallback | null
  readonly algorithms: readonly AuthDomainDigestAlgorithm[]
  readonly #nonces: DigestNonces
  /** Requests with a nonce that was good once: their challenge says so, and the client asks nobody for a password again. */
  readonly #stale = new WeakSet<ServerMessage>()

  /** @param now The clock nonces expire by, in milliseconds since the epoch. */
  constructor(options: AuthDomainDigestOptions, now: () => number = Date.now) {
    super(options)
    this.authCallback = options.authCallback ?? null
    this.algorithms = options.algorithms ?? ['SHA-256', 'MD5']
    this.#nonces = new DigestNonces((options.nonceLifetime ?? DEFAULT_NONCE_LIFETIME_SECONDS) * 1000, now)
  }

  /** What an auth callback gives back: a hash that is worth as much as the password, within this realm. */
  static encodePassword(
    username: string,
    realm: string,
    password: string,
    algorithm: AuthDomainDigestAlgorithm = 'MD5',
  ): string {
    return digestSecret(algorithm, username, realm, password)
  }

  override checkPassword(message: ServerMessage, username: string, password: string): boolean {
    const claim = this.#claimOf(message, this.credentialsOf(message) ?? '')
    if (claim === null || claim.username !== username) return false
    const secret = AuthDomainDigest.encodePassword(username, this.realm, password, claim.algorithm)
    return this.#proves(message, claim, secret)
  }

  protected override async acceptsCredentials(message: ServerMessage, credentials: string): Promise<string | null> {
    const claim = this.#claimOf(message, credentials)
    if (claim === null) return null
    const { username, algorithm, nonce, nonceCount } = claim
    if (this.authCallback) {
      const secret = await this.authCallback(this, message, username, algorithm)
      if (secret === null || !this.#proves(message, claim, secret)) return null
    } else if (!(await this.askGenericCallback(message, username))) {
      return null
    }
    // Only now, and in one turn: a wrong guess must not use the nonce up, two requests must not use it at the same time.
    const verdict = this.#nonces.check(nonce, nonceCount)
    if (verdict === 'fresh') {
      this.#nonces.use(nonce, nonceCount)
      return username
    }
    if (verdict === 'stale') this.#stale.add(message)
    return null
  }

  protected override challenges(message: ServerMessage): string[] {
    const nonce = this.#nonces.issue()
    const stale = this.#stale.has(message)
    return this.algorithms.map((algorithm) =>
      formatChallenge('Digest', [
        { name: 'realm', value: this.realm, quoted: true },
        { name: 'nonce', value: nonce, quoted: true },
        { name: 'qop', value: 'auth', quoted: true },
        { name: 'algorithm', value: algorithm, quoted: false },
        { name: 'charset', value: 'UTF-8', quoted: false },
        ...(stale ? [{ name: 'stale', value: 'true', quoted: false }] : []),
      ]),
    )
  }

  /** Null for credentials that are not of this scheme, this realm or this request. */
  #claimOf(message: ServerMessage, credentials: string): DigestClaim | null {
    const parsed = parseCredentials(credentials)
    if (parsed?.scheme.toLowerCase() !== 'digest') return null
    const { params } = parsed
    const text = (name: string): string => params.get(name) ?? ''
    const username = usernameOf(params)
    const algorithm = this.algorithms.find((known) => known === parseDigestAlgorithm(params.get('algorithm')))
    const nonceCount = /^[0-9a-f]{8}$/i.test(text('nc')) ? Number.parseInt(text('nc'), 16) : 0
    const isComplete = username !== null && algorithm !== undefined && nonceCount > 0 && text('cnonce') !== ''
    if (!isComplete || text('qop') !== 'auth' || !this.#isRealm(text('realm'))) return null
    if (!isTargetOf(message, text('uri'))) return null
    const [nonce, cnonce, uri, response] = [text('nonce'), text('cnonce'), text('uri'), text('response')]
    return { username, algorithm, nonce, nonceCount, cnonce, uri, response }
  }

  #isRealm(received: string): boolean {
    return received === this.realm || decodeUtf8(fieldBytes(received)) === this.realm
  }

  #proves(message: ServerMessage, claim: DigestClaim, secret: string): boolean {
    const { algorithm, nonce, cnonce, uri, nonceCount, response } = claim
    const key = digestKey(algorithm, secret.toLowerCase(), nonce, cnonce)
    const { method } = message
    const expected = digestResponse({ algorithm, key, method, uri, nonce, qop: 'auth', cnonce, nonceCount })
    return isSameDigest(response, expected)
  }
}

function usernameOf(params: ReadonlyMap<string, string>): string | null {
  const extended = params.get('username*')
  if (extended !== undefined) return decodeExtValue(extended)
  const username = params.get('username')
  return username === undefined ? null : (decodeUtf8(fieldBytes(username)) ?? username)
}

/** Credentials are good for the very target they were made for (RFC 7616 section 3.4.6). */
function isTargetOf(message: ServerMessage, target: string): boolean {
  if (message.isOptionsPing) return target === '*'
  const uri = message.uri
  if (message.method === 'CONNECT') return target === `${uri.host}:${uri.port}`
  const relative = `${uri.path || '/'}${uri.query === null ? '' : `?${uri.query}`}`
  return target === relative || target === uri.toString()
}
