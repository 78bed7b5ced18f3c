// Gets the text of a proxy auto-configuration script and notices when it changes. Called by PacProxyResolver.

import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { IOError } from '../../io-error.ts'
import { fetchPacScript } from './fetch-pac-script.ts'

/** Most bytes of a script. */
const MAX_SCRIPT_LENGTH = 1024 * 1024
const REFRESH_AFTER_MS = 10 * 60_000
/** After a refresh that failed, while the old script still serves. */
const RETRY_AFTER_MS = 60_000

interface Loaded {
  readonly script: string
  /** What tells this state of a file from others. */
  readonly version: string
  readonly expiresAt: number
}

/** One script. A file is looked at each time; what came from a server is fetched again after ten minutes. */
export class PacSource {
  readonly #url: URL
  #loaded: Loaded | null = null
  #loading: Promise<string> | null = null

  /** @throws {IOError} `NOT_SUPPORTED` for a URL that is not 'file:', 'http:', 'https:' or 'data:'. */
  constructor(url: string) {
    const parsed = URL.canParse(url) ? new URL(url) : null
    if (!parsed || !['file:', 'http:', 'https:', 'data:'].includes(parsed.protocol)) {
      throw new IOError('NOT_SUPPORTED', 'A proxy auto-configuration script cannot be read from this URL.')
    }
    this.#url = parsed
  }

  /**
   * The script as it is now. When a server cannot be asked again, what it gave before still holds.
   *
   * @throws {IOError} `NOT_FOUND` and other failures of files and connections; `MESSAGE_TOO_LARGE`; `INVALID_DATA`.
   */
  load(): Promise<string> {
    this.#loading ??= this.#load().finally(() => (this.#loading = null))
    return this.#loading
  }

  async #load(): Promise<string> {
    if (this.#loaded && performance.now() < this.#loaded.expiresAt) return this.#loaded.script
    switch (this.#url.protocol) {
      case 'file:':
        this.#loaded = await readScript(this.#url, this.#loaded)
        break
      case 'data:':
        this.#loaded = { script: decodeDataUrl(this.#url.href), version: '', expiresAt: Infinity }
        break
      default:
        this.#loaded = await this.#fetch()
    }
    return this.#loaded.script
  }

  async #fetch(): Promise<Loaded> {
    try {
      const script = await fetchPacScript(this.#url, MAX_SCRIPT_LENGTH)
      return { script, version: '', expiresAt: performance.now() + REFRESH_AFTER_MS }
    } catch (error) {
      if (!this.#loaded) throw error
      return { ...this.#loaded, expiresAt: performance.now() + RETRY_AFTER_MS }
    }
  }
}

async function readScript(url: URL, known: Loaded | null): Promise<Loaded> {
  try {
    const file = await open(fileURLToPath(url))
    try {
      const { mtimeNs, size, ino } = await file.stat({ bigint: true })
      const version = `${mtimeNs} ${size} ${ino}`
      if (version === known?.version) return known
      const buffer = Buffer.alloc(MAX_SCRIPT_LENGTH + 1)
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
      if (bytesRead > MAX_SCRIPT_LENGTH) throw tooLarge()
      return { script: buffer.toString('utf8', 0, bytesRead), version, expiresAt: 0 }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw IOError.fromNode(error, 'Could not read the proxy auto-configuration script')
  }
}

/** RFC 2397; the type is of no interest. */
function decodeDataUrl(url: string): string {
  const comma = url.indexOf(',')
  if (url.length > 2 * MAX_SCRIPT_LENGTH) throw tooLarge()
  try {
    if (comma >= 0) {
      const data = decodeURIComponent(url.slice(comma + 1))
      return /;\s*base64$/i.test(url.slice(0, comma)) ? Buffer.from(data, 'base64').toString() : data
    }
  } catch (cause) {
    throw new IOError('INVALID_DATA', 'The URL of the proxy auto-configuration script is broken.', { cause })
  }
  throw new IOError('INVALID_DATA', 'The URL of the proxy auto-configuration script has no data.')
}

function tooLarge(): IOError {
  return new IOError('MESSAGE_TOO_LARGE', 'The proxy auto-configuration script is longer than 1 MB.')
}
