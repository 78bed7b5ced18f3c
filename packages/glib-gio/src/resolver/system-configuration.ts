// Notices that the machine looks names up differently than before: other files, another network. Used by Resolver.
// Upstream: gresolver.c (maybe_emit_reload compares the time stamp of /etc/resolv.conf, too).

import { statSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { RESOLV_CONF } from './resolv-conf.ts'

/** The files that answers depend on. */
const FILES: readonly string[] = [RESOLV_CONF, '/etc/hosts', '/etc/nsswitch.conf']
/** How long a change may go unnoticed, in milliseconds: looking costs about 0.1 ms. */
const CHECK_INTERVAL_MS = 2000

export interface SystemConfigurationOptions {
  readonly files?: readonly string[] | undefined
  readonly clock?: (() => number) | undefined
}

/** Nothing is watched: it looks when it is asked, and on a timer only while somebody listens. */
export class SystemConfiguration {
  readonly #files: readonly string[]
  readonly #clock: () => number
  #state: string | undefined
  #checkedAt = -Infinity
  #timer: NodeJS.Timeout | undefined

  constructor({ files = FILES, clock = () => performance.now() }: SystemConfigurationOptions = {}) {
    this.#files = files
    this.#clock = clock
  }

  /** Whether something has changed since the last look; looks at most once in two seconds. */
  hasChanged(): boolean {
    const now = this.#clock()
    if (now - this.#checkedAt < CHECK_INTERVAL_MS) return false
    this.#checkedAt = now
    const before = this.#state
    this.#state = this.#look()
    return before !== undefined && before !== this.#state
  }

  /** Calls `onTick` in time to look again, until {@link SystemConfiguration.unwatch}. Does not keep the process alive. */
  watch(onTick: () => void): void {
    this.#timer ??= setInterval(onTick, CHECK_INTERVAL_MS).unref()
  }

  unwatch(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): string {
    return [...this.#files.map(stamp), addressesOfThisMachine()].join('\n')
  }
}

/** What tells one version of a file from another; the same for a file that is missing or may not be looked at. */
function stamp(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file)
    return `${ino} ${size} ${mtimeMs}`
  } catch {
    return '-'
  }
}

function addressesOfThisMachine(): string {
  try {
    return Object.values(networkInterfaces())
      .flatMap((interfaces) => (interfaces ?? []).map(({ cidr, address }) => cidr ?? address))
      .sort()
      .join(' ')
  } catch {
    return '-' // a sandbox may forbid it
  }
}
