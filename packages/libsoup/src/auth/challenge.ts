// Reading and writing of challenges and credentials: `scheme token68` or `scheme name=value, …`, several to a field.
// Called by AuthManager and the schemes, and by the server's auth domains. RFC 9110 sections 11.2 to 11.6. Upstream:
// soup_auth_manager_extract_challenges in libsoup/auth/soup-auth-manager.c.

/** One challenge, or one set of credentials. */
export interface AuthChallenge {
  /** As it was written; schemes are compared without regard to letter case. */
  readonly scheme: string
  /** What follows the scheme, untouched but for space around it; `''` if nothing does. */
  readonly text: string
  /** Base64 and the like; null where there are parameters or nothing. */
  readonly token68: string | null
  /** By lower-case name, without quotes; of a name that comes twice the first. */
  readonly params: ReadonlyMap<string, string>
}

/** Longest text that is looked at, all fields of a message together. A Kerberos token with its groups stays below. */
export const MAX_CHALLENGE_TEXT = 128 * 1024
/** Most challenges taken from one message, and most parameters from one challenge. */
const MAX_CHALLENGES = 32
const MAX_PARAMS = 64

// All of these match at one place without ever going back.
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const TOKEN68 = /[-A-Za-z0-9._~+/]+=*/y
const SPACE = /[ \t]*/y
/** What a parameter without quotes may hold: more than a token, for the servers that quote nothing. */
const BARE_VALUE = /[^\s,"]+/y

interface ChallengeInTheMaking {
  readonly scheme: string
  readonly start: number
  end: number
  token68: string | null
  readonly params: Map<string, string>
}

/**
 * The challenges in a `WWW-Authenticate` or `Proxy-Authenticate` value, several fields joined by commas; in order.
 * What is no challenge is passed over; a text longer than {@link MAX_CHALLENGE_TEXT} holds none.
 */
export function parseChallenges(header: string): AuthChallenge[] {
  return header.length > MAX_CHALLENGE_TEXT ? [] : new ChallengeParser(header).parse()
}

/** The value of an `Authorization` or `Proxy-Authorization` field, or null if it is none. */
export function parseCredentials(header: string): AuthChallenge | null {
  return parseChallenges(header)[0] ?? null
}

export function isOfScheme(challenge: AuthChallenge, schemeName: string): boolean {
  return challenge.scheme.toLowerCase() === schemeName.toLowerCase()
}

/** `name=value` pairs with commas between, such as `Authentication-Info` has; by lower-case name. */
export function parseAuthParams(header: string): ReadonlyMap<string, string> {
  return parseChallenges(`x ${header}`)[0]?.params ?? new Map<string, string>()
}

/** A parameter as it is written: `quoted` values get quotes, others must be tokens. */
export interface AuthParam {
  readonly name: string
  readonly value: string
  readonly quoted: boolean
}

/** `scheme a="b", c=d`. */
export function formatChallenge(scheme: string, params: readonly AuthParam[]): string {
  return `${scheme} ${formatAuthParams(params)}`
}

/** `a="b", c=d`. */
export function formatAuthParams(params: readonly AuthParam[]): string {
  return params.map(({ name, value, quoted }) => `${name}=${quoted ? quoteString(value) : value}`).join(', ')
}

/** `value` as a quoted-string, RFC 9110 section 5.6.4. */
export function quoteString(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

/** Reads from left to right, each character once or twice. */
class ChallengeParser {
  readonly #text: string
  readonly #found: ChallengeInTheMaking[] = []
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): AuthChallenge[] {
    while (this.#at < this.#text.length && this.#found.length <= MAX_CHALLENGES) {
      this.#skipSpace()
      this.#item()
      this.#skipToComma()
      this.#at += 1
    }
    return this.#found.slice(0, MAX_CHALLENGES).map((made) => this.#finished(made))
  }

  /** An element of the list: a parameter of the last challenge, or a scheme with its first parameter or token. */
  #item(): void {
    const current = this.#found.at(-1)
    if (current !== undefined && this.#param(current)) return
    const scheme = this.#take(TOKEN)
    if (scheme === null) return
    const end = this.#at
    this.#skipSpace()
    const made = { scheme, start: end, end, token68: null, params: new Map<string, string>() }
    if (this.#at === end && !this.#isElementOver()) return // such as `a/b`
    this.#found.push(made)
    if (this.#at > end && !this.#token68(made)) this.#param(made)
  }

  /** Whether a token stands here alone. */
  #token68(made: ChallengeInTheMaking): boolean {
    const start = this.#at
    const token = this.#take(TOKEN68)
    if (token !== null && this.#isElementOver()) {
      made.token68 = token
      made.end = this.#at
      return true
    }
    this.#at = start
    return false
  }

  /** Whether `name = value` stands here; stays where it was if not. */
  #param(made: ChallengeInTheMaking): boolean {
    const start = this.#at
    const name = this.#take(TOKEN)?.toLowerCase()
    this.#skipSpace()
    if (name === undefined || this.#text[this.#at] !== '=') {
      this.#at = start
      return false
    }
    this.#at += 1
    this.#skipSpace()
    const value = this.#text[this.#at] === '"' ? this.#quotedString() : (this.#take(BARE_VALUE) ?? '')
    made.end = this.#at
    if (value !== null && !made.params.has(name) && made.params.size < MAX_PARAMS) made.params.set(name, value)
    return true
  }

  /** Null when it has no end. */
  #quotedString(): string | null {
    const start = this.#at + 1
    const end = closingQuote(this.#text, start)
    this.#at = Math.min(end + 1, this.#text.length)
    if (end >= this.#text.length) return null
    const inside = this.#text.slice(start, end)
    return inside.includes('\\') ? inside.replace(/\\(.)/gs, '$1') : inside
  }

  /** Whether only space is left before the comma or the end. */
  #isElementOver(): boolean {
    SPACE.lastIndex = this.#at
    SPACE.test(this.#text)
    return SPACE.lastIndex >= this.#text.length || this.#text[SPACE.lastIndex] === ','
  }

  #skipToComma(): void {
    while (this.#at < this.#text.length && this.#text[this.#at] !== ',') {
      this.#at = this.#text[this.#at] === '"' ? closingQuote(this.#text, this.#at + 1) + 1 : this.#at + 1
    }
  }

  #skipSpace(): void {
    this.#take(SPACE)
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return null
    this.#at = pattern.lastIndex
    return found[0]
  }

  #finished({ scheme, start, end, token68, params }: ChallengeInTheMaking): AuthChallenge {
    return { scheme, text: this.#text.slice(start, end).trim(), token68, params }
  }
}

/** Where the quoted string that began before `start` ends; the length of `text` if it does not. */
function closingQuote(text: string, start: number): number {
  let at = start
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return Math.min(at, text.length)
}
