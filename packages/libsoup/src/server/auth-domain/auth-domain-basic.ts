// A domain with the Basic scheme: name and password travel as they are, so use it over TLS alone.
// Upstream: libsoup/server/soup-auth-domain-basic.c. RFC 7617.

import { formatChallenge, parseCredentials } from '../../auth/challenge.ts'
import type { ServerMessage } from '../server-message.ts'
import { AuthDomain, type AuthDomainOptions } from './auth-domain.ts'
import { isSameSecret } from './same-secret.ts'

/** Whether `username` is let in with `password`. */
export type AuthDomainBasicAuthCallback = (
  domain: AuthDomainBasic,
  message: ServerMessage,
  username: string,
  password: string,
) => boolean | Promise<boolean>

export interface AuthDomainBasicOptions extends AuthDomainOptions {
  readonly authCallback?: AuthDomainBasicAuthCallback | null
}

/** @see AuthDomain */
export class AuthDomainBasic extends AuthDomain {
  /** Asked instead of `genericAuthCallback`. */
  authCallback: AuthDomainBasicAuthCallback | null

  constructor(options: AuthDomainBasicOptions) {
    super(options)
    this.authCallback = options.authCallback ?? null
  }

  override checkPassword(message: ServerMessage, username: string, password: string): boolean {
    const given = parseBasic(this.credentialsOf(message) ?? '')
    if (given === null) return false
    const isUser = isSameSecret(given.username, username)
    return isSameSecret(given.password, password) && isUser
  }

  protected override async acceptsCredentials(message: ServerMessage, credentials: string): Promise<string | null> {
    const given = parseBasic(credentials)
    if (given === null) return null
    const { username, password } = given
    const isLetIn = this.authCallback
      ? (await this.authCallback(this, message, username, password)) === true
      : await this.askGenericCallback(message, username)
    return isLetIn ? username : null
  }

  protected override challenges(): string[] {
    return [
      formatChallenge('Basic', [
        { name: 'realm', value: this.realm, quoted: true },
        { name: 'charset', value: 'UTF-8', quoted: true },
      ]),
    ]
  }
}

/** Name and password of a Basic credential, or null for anything else. */
function parseBasic(credentials: string): { readonly username: string; readonly password: string } | null {
  const parsed = parseCredentials(credentials)
  if (parsed?.scheme.toLowerCase() !== 'basic' || parsed.token68 === null) return null
  const decoded = Buffer.from(parsed.token68, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 0 ? null : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
