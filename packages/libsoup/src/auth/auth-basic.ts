// The scheme Basic: name and password in base64, which only TLS hides. Made by AuthManager or a caller of its `useAuth`.
// Upstream: libsoup/auth/soup-auth-basic.c. RFC 7617.

import type { Uri } from '@wpe-networking/glib-gio'
import type { Message } from '../message/message.ts'
import { Auth } from './auth.ts'
import type { AuthPlace } from './auth.ts'
import type { AuthChallenge } from './challenge.ts'
import { folderOf } from './protection-space.ts'

export class AuthBasic extends Auth {
  static readonly schemeName = 'Basic'
  static readonly strength = 1
  readonly schemeName = AuthBasic.schemeName
  #token: string | null = null
  #wantsUtf8 = false

  static create(place: AuthPlace): AuthBasic {
    return new AuthBasic(place)
  }

  getAuthorization(_message: Message): string | null {
    return this.#token === null ? null : `Basic ${this.#token}`
  }

  /** The folder of `uri`, RFC 7617 section 2.2. */
  getProtectionSpace(uri: Uri): readonly string[] {
    return [folderOf(uri.path)]
  }

  protected get hasCredentials(): boolean {
    return this.#token !== null
  }

  /** Another challenge says that the credentials are no good. */
  protected readChallenge(_message: Message, challenge: AuthChallenge): boolean {
    this.#token = null
    this.#wantsUtf8 = challenge.params.get('charset')?.toLowerCase() === 'utf-8'
    return true
  }

  protected setCredentials(username: string, password: string): void {
    this.#token = encode(`${username}:${password}`, this.#wantsUtf8).toString('base64')
  }
}

/** As Latin-1 where it fits and the server does not ask for UTF-8, as upstream and browsers of old. */
function encode(text: string, wantsUtf8: boolean): Buffer {
  if (wantsUtf8) return Buffer.from(text.normalize('NFC'), 'utf8')
  const latin1 = Buffer.from(text, 'latin1')
  return latin1.toString('latin1') === text ? latin1 : Buffer.from(text, 'utf8')
}
