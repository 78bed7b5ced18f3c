// A password that is being asked for: what it is for, and the answer. Handed to TlsInteraction.askPassword.
// Upstream: glib/gio/gtlspassword.c.

/** Bits to be or-ed; what the user should be told. */
export const TlsPasswordFlags = {
  NONE: 0,
  /** It was wrong before. */
  RETRY: 1 << 1,
  /** It was wrong many times. */
  MANY_TRIES: 1 << 2,
  /** The next wrong one locks the token. */
  FINAL_TRY: 1 << 3,
  PKCS11_USER: 1 << 4,
  PKCS11_SECURITY_OFFICER: 1 << 5,
  PKCS11_CONTEXT_SPECIFIC: 1 << 6,
} as const
export type TlsPasswordFlags = number

/** One question for a password. Its bytes are kept in a buffer of its own, which {@link TlsPassword.clear} overwrites. */
export class TlsPassword {
  flags: TlsPasswordFlags
  /** What the password is for, fit for a user: 'client.key'. */
  description: string
  #warning: string | undefined
  #value: Buffer | null = null

  constructor(flags: TlsPasswordFlags, description: string) {
    this.flags = flags
    this.description = description
  }

  /** A sentence about earlier tries: what was set, else what follows from the flags; empty when there is nothing to say. */
  get warning(): string {
    return this.#warning ?? defaultWarning(this.flags)
  }

  set warning(warning: string) {
    this.#warning = warning
  }

  /** The answer, or null while there is none. The bytes are this object's own: copy what must outlive it. */
  get value(): Buffer | null {
    return this.#value
  }

  /** Takes a copy of `value`; text is encoded as UTF-8. */
  setValue(value: Uint8Array | string): void {
    this.clear()
    this.#value = typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value)
  }

  /** Overwrites the answer with zeros and forgets it. */
  clear(): void {
    this.#value?.fill(0)
    this.#value = null
  }

  /** {@link TlsPassword.clear}, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.clear()
  }
}

function defaultWarning(flags: TlsPasswordFlags): string {
  if (flags & TlsPasswordFlags.FINAL_TRY) return 'This is the last chance to enter the password correctly.'
  if (flags & TlsPasswordFlags.MANY_TRIES) return 'Several passwords were wrong; access may be locked after more.'
  return flags & TlsPasswordFlags.RETRY ? 'The password was wrong.' : ''
}
