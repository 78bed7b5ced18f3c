// The scheme Digest: proves that one knows the password by a hash of it with the server's nonce, and can have the server
// prove the same. Made by AuthManager. Upstream: libsoup/auth/soup-auth-digest.c. RFC 7616.

import { randomBytes } from 'node:crypto'
import type { Uri } from '@wpe-networking/glib-gio'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import { AuthError } from './auth-error.ts'
import { Auth } from './auth.ts'
import type { AuthPlace } from './auth.ts'
import { formatChallenge, parseAuthParams } from './challenge.ts'
import type { AuthChallenge, AuthParam } from './challenge.ts'
import {
  digestKey,
  digestResponse,
  digestSecret,
  digestUserHash,
  fieldBytes,
  formatNonceCount,
  isSameDigest,
} from './digest.ts'
import type { DigestAlgorithm, DigestInput, DigestQop } from './digest.ts'
import { MAX_DIGEST_VALUE_LENGTH, readDigestChallenge } from './digest-challenge.ts'
import type { DigestChallenge } from './digest-challenge.ts'
import { spacesOfDomain } from './protection-space.ts'

interface DigestCredentials {
  readonly username: string
  /** Made with it. */
  readonly algorithm: DigestAlgorithm
  readonly secret: string
}

/** A client's nonce and the key that may depend on it; made anew with each challenge. */
interface DigestSession {
  readonly cnonce: string
  readonly key: string
}

/** `nc` has eight digits; long before they run out the server has changed the nonce. */
const MAX_NONCE_COUNT = 0xffff_ffff

export class AuthDigest extends Auth {
  static readonly schemeName = 'Digest'
  static readonly strength = 5
  readonly schemeName = AuthDigest.schemeName
  #challenge: DigestChallenge | null = null
  #credentials: DigestCredentials | null = null
  #session: DigestSession | null = null
  /** The one to use, and how often it has been. */
  #nonce = ''
  #nonceCount = 0
  /** What messages under way were sent with, for the server's proof. */
  readonly #sent = new WeakMap<Message, DigestInput>()

  static create(place: AuthPlace): AuthDigest {
    return new AuthDigest(place)
  }

  getAuthorization(message: Message): string | null {
    const challenge = this.#challenge
    const session = this.#session
    if (challenge === null || session === null || this.#nonceCount >= MAX_NONCE_COUNT) return null
    this.#nonceCount += 1
    const qop = chooseQop(challenge, message)
    const input: DigestInput = {
      algorithm: challenge.algorithm,
      key: session.key,
      method: message.method,
      uri: digestUri(message),
      nonce: this.#nonce,
      qop,
      cnonce: session.cnonce,
      nonceCount: this.#nonceCount,
      ...(qop === 'auth-int' && { body: message.requestBody?.bytes ?? new Uint8Array() }),
    }
    this.#sent.set(message, input)
    return formatChallenge('Digest', [...this.#userParams(challenge), ...requestParams(input, challenge.opaque)])
  }

  /** The paths in `domain`, or all of the server; a proxy has none but itself. */
  getProtectionSpace(uri: Uri): readonly string[] {
    return this.isForProxy ? ['/'] : spacesOfDomain(uri, this.#challenge?.domain ?? null)
  }

  /**
   * Takes the next nonce, and checks the server's proof that it knows the password, if it gives one.
   *
   * @throws {AuthError} `MUTUAL_AUTHENTICATION_FAILED` when the proof is wrong.
   */
  override gotFinalResponse(message: Message): void {
    const name = this.isForProxy ? 'Proxy-Authentication-Info' : 'Authentication-Info'
    const info = message.responseHeaders.getList(name)
    if (info === null) return
    const params = parseAuthParams(info)
    const proof = params.get('rspauth')
    const sent = this.#sent.get(message)
    // Under auth-int it covers the response's body, which is not here yet.
    if (proof !== undefined && sent !== undefined && params.get('qop')?.toLowerCase() !== 'auth-int') {
      if (!isSameDigest(proof, digestResponse(proofInput(sent)))) throw impostor()
    }
    const next = params.get('nextnonce')
    if (next === undefined || next === '' || next.length > MAX_DIGEST_VALUE_LENGTH) return
    this.#nonce = next
    this.#nonceCount = 0
  }

  override messageFinished(message: Message): void {
    this.#sent.delete(message)
  }

  protected get hasCredentials(): boolean {
    return this.#credentials !== null
  }

  /** Not with a body that must be hashed and cannot be. */
  protected override isReadyFor(message: Message): boolean {
    if (this.#session === null || this.#challenge === null) return false
    return canHashBody(message) || this.#challenge.qop.length === 0 || this.#challenge.qop.includes('auth')
  }

  protected readChallenge(message: Message, { params }: AuthChallenge): boolean {
    const challenge = readDigestChallenge(params)
    if (challenge === null || this.realm === null || this.realm.length > MAX_DIGEST_VALUE_LENGTH) return false
    // Only the nonce was too old.
    const isStale = params.get('stale')?.toLowerCase() === 'true'
    // Another message has brought a newer one since; one that is refused itself comes here again.
    const sentNonce = this.#sent.get(message)?.nonce ?? this.#nonce
    if (isStale && sentNonce !== this.#nonce && this.hasCredentials) return true
    if (!isStale || this.#credentials?.algorithm !== challenge.algorithm) this.#credentials = null
    this.#challenge = challenge
    this.#startSession()
    return true
  }

  protected setCredentials(username: string, password: string): void {
    const { algorithm = 'MD5', wantsUtf8 = false } = this.#challenge ?? {}
    const name = wantsUtf8 ? username.normalize('NFC') : username
    const phrase = wantsUtf8 ? password.normalize('NFC') : password
    const secret = digestSecret(algorithm, name, fieldBytes(this.realm ?? ''), phrase)
    this.#credentials = { username: name, algorithm, secret }
    this.#startSession()
  }

  #startSession(): void {
    const challenge = this.#challenge
    const credentials = this.#credentials
    this.#nonce = challenge?.nonce ?? ''
    this.#nonceCount = 0
    this.#session = null
    if (challenge === null || credentials === null) return
    const cnonce = randomBytes(18).toString('base64url')
    this.#session = { cnonce, key: digestKey(challenge.algorithm, credentials.secret, challenge.nonce, cnonce) }
  }

  /** Who it is: as it is, hashed, or in the encoding for what ASCII does not have. */
  #userParams(challenge: DigestChallenge): AuthParam[] {
    const { username = '' } = this.#credentials ?? {}
    const realm = this.realm ?? ''
    const rest: AuthParam[] = [quoted('realm', fieldBytes(realm).toString('latin1'))]
    if (challenge.wantsUserHash) {
      const hash = digestUserHash(challenge.algorithm, username, fieldBytes(realm))
      return [quoted('username', hash), ...rest, bare('userhash', 'true')]
    }
    if (challenge.wantsUtf8 && /[^\x20-\x7e]/.test(username)) {
      return [bare('username*', `UTF-8''${encodeExtValue(username)}`), ...rest]
    }
    return [quoted('username', Buffer.from(username, 'utf8').toString('latin1')), ...rest]
  }
}

/** `auth` where the server takes it, as everybody does: `auth-int` is little used and less tested. */
function chooseQop({ qop }: DigestChallenge, message: Message): DigestQop | null {
  if (qop.includes('auth')) return 'auth'
  return qop.includes('auth-int') && canHashBody(message) ? 'auth-int' : null
}

function canHashBody({ requestBody }: Message): boolean {
  return requestBody === null || requestBody.bytes !== null
}

/** The target as it stands in the request line; for a plain request through a proxy too, as all clients do. */
function digestUri(message: Message): string {
  const { target } = messageState(message)
  return message.method === 'CONNECT' ? target.hostKey.slice(target.hostKey.indexOf('://') + 3) : target.path
}

function requestParams(input: DigestInput, opaque: string | null): AuthParam[] {
  const params = [
    quoted('nonce', input.nonce),
    quoted('uri', input.uri),
    bare('algorithm', input.algorithm),
    quoted('response', digestResponse(input)),
  ]
  if (opaque !== null) params.push(quoted('opaque', opaque))
  if (input.qop !== null) {
    params.push(quoted('cnonce', input.cnonce), bare('nc', formatNonceCount(input.nonceCount)), bare('qop', input.qop))
  }
  return params
}

/** What `rspauth` is computed of: a method of none. */
function proofInput(sent: DigestInput): DigestInput {
  return { ...sent, method: '' }
}

function impostor(): AuthError {
  return new AuthError('MUTUAL_AUTHENTICATION_FAILED', 'The server does not prove that it knows the password.')
}

function quoted(name: string, value: string): AuthParam {
  return { name, value, quoted: true }
}

function bare(name: string, value: string): AuthParam {
  return { name, value, quoted: false }
}

/** RFC 8187 section 3.2.1. */
function encodeExtValue(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
