// Loads the GSS-API library when a server first asks for it, and remembers how that went. Used by AuthNegotiate.

import { loadLibGssapi, type LibGssapi } from './libgssapi.ts'
import { NegotiateError } from './negotiate-error.ts'

export class GssLibrary {
  readonly #load: () => LibGssapi
  #library: LibGssapi | null = null
  #failure: NegotiateError | null = null

  constructor(load: () => LibGssapi = loadLibGssapi) {
    this.#load = load
  }

  /** Null where there is none on this machine; the process is warned of that once. */
  get(): LibGssapi | null {
    const isNew = this.#library === null && this.#failure === null
    const library = this.tryGet()
    if (isNew && this.#failure !== null) {
      process.emitWarning(this.#failure.message, { type: 'SoupWarning', code: 'SOUP_NEGOTIATE_UNAVAILABLE' })
    }
    return library
  }

  /** As `get`, without the warning. */
  tryGet(): LibGssapi | null {
    if (this.#library !== null || this.#failure !== null) return this.#library
    try {
      this.#library = this.#load()
    } catch (error) {
      if (!(error instanceof NegotiateError)) throw error
      this.#failure = error
    }
    return this.#library
  }
}

/** The one of this process. */
export const systemGssLibrary: GssLibrary = new GssLibrary()
