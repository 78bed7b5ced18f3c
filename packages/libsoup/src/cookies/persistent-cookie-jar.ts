// What the cookie jars with files have in common: changes are gathered and written a moment later, and what other
// processes wrote meanwhile is taken in. Base of CookieJarText and CookieJarDB. Upstream: the two write each change
// when it happens and never look at the file again.

import { DelayedWriter } from '../storage/delayed-writer.ts'
import type { DelayedWriterClient } from '../storage/delayed-writer.ts'
import type { Cookie } from './cookie.ts'
import { cookieExpiry, expirySeconds } from './cookie.ts'
import { CookieJar } from './cookie-jar.ts'
import type { CookieJarOptions } from './cookie-jar.ts'
import { cookieKey } from './cookie-matching.ts'
import type { CookieIdentity } from './cookie-matching.ts'

/** Deletes the cookie of this name, domain and path, and puts `cookie` in its place unless that is null. */
export interface CookieChange extends CookieIdentity {
  readonly cookie: Cookie | null
}

/** Cookies without an end are never written: they end with the session. */
export abstract class PersistentCookieJar extends CookieJar implements DelayedWriterClient {
  readonly filename: string
  #changes = new Map<string, CookieChange>()
  readonly #writer = new DelayedWriter(this)
  #isClosed = false

  constructor(filename: string, options: CookieJarOptions) {
    super(options)
    this.filename = filename
  }

  override get isPersistent(): boolean {
    return true
  }

  /** Writes `changes`, all or none. Returns all cookies of the file if other processes changed it, else null. */
  protected abstract write(changes: readonly CookieChange[]): Cookie[] | null

  /** Whether the file can hold `cookie`. */
  protected abstract canStore(cookie: Cookie): boolean

  /** Lets go of the file. */
  protected abstract closeFile(): void

  /**
   * Writes what has changed, at once and safely, and takes in what other processes wrote.
   *
   * @throws {IOError} {@link CookieJarText}: the file cannot be written.
   * @throws {CookieJarError} `DB` {@link CookieJarDB}: likewise. The changes are kept and tried again.
   */
  flush(): void {
    if (!this.#isClosed && !this.readOnly) this.#writer.flush()
  }

  /** Writes what has changed and lets go of the file. The cookies stay in memory. Throws as {@link flush}. */
  close(): void {
    if (this.#isClosed) return
    try {
      this.flush()
    } finally {
      this.#isClosed = true
      this.#writer.cancel()
      this.closeFile()
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  // SessionFeature.

  detach(): void {
    if (this.#changes.size > 0 && !this.#isClosed) this.#writer.flushOrReport()
  }

  // DelayedWriterClient.

  writeNow(): void {
    const changes = this.#changes
    this.#changes = new Map()
    try {
      const others = this.write([...changes.values()])
      if (others !== null) this.#takeInAll(others)
    } catch (error) {
      this.#changes = changes
      throw error
    }
  }

  writeFailed(error: Error): void {
    if (!this.emit('write-failed', error)) process.emitWarning(error)
  }

  /** Fills the jar with what the file held; for constructors. */
  protected load(cookies: readonly Cookie[]): void {
    for (const cookie of cookies) this.takeIn(null, cookie, true)
  }

  protected override save(oldCookie: Cookie | null, newCookie: Cookie | null): void {
    if (this.#isClosed) return
    const wasStored = oldCookie !== null && this.#isStored(oldCookie)
    const isStored = newCookie !== null && this.#isStored(newCookie)
    const { name, domain, path } = (newCookie ?? oldCookie) as Cookie
    if (!wasStored && !isStored) return
    const change = { name, domain, path, cookie: isStored ? newCookie : null }
    this.#changes.set(cookieKey(change), change)
    this.#writer.schedule()
  }

  #isStored(cookie: Cookie): boolean {
    return cookieExpiry(cookie) !== null && this.canStore(cookie)
  }

  #takeInAll(cookies: readonly Cookie[]): void {
    const inFile = new Set<string>()
    for (const cookie of cookies) {
      inFile.add(cookieKey(cookie))
      const mine = this.find(cookie)
      if (mine === null || !looksTheSame(mine, cookie)) this.takeIn(mine, cookie, false)
    }
    for (const { cookie } of this.stored()) {
      if (!this.#isStored(cookie) || inFile.has(cookieKey(cookie))) continue
      this.takeIn(cookie, null, false) // another process deleted it
    }
  }
}

function looksTheSame(a: Cookie, b: Cookie): boolean {
  if (a.value !== b.value || a.secure !== b.secure || a.httpOnly !== b.httpOnly) return false
  return a.sameSitePolicy === b.sameSitePolicy && expirySeconds(a) === expirySeconds(b)
}
