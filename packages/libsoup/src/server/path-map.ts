// Which handler serves a path: the longest registered path that is a prefix of it.
// Called by Server. Upstream: libsoup/server/soup-path-map.c

/**
 * A small table sorted by decreasing length, so that the first prefix that fits is the longest.
 *
 * The match is on characters and not on path segments, as upstream's: a value at `/foo` also serves `/foobar`.
 */
export class PathMap<Value> {
  readonly #entries: { readonly path: string; value: Value }[] = []

  /** Puts `value` at `path`, in place of the one that was there. */
  add(path: string, value: Value): void {
    const existing = this.#entries.find((entry) => entry.path === path)
    if (existing) {
      existing.value = value
      return
    }
    const at = this.#entries.findIndex((entry) => entry.path.length < path.length)
    this.#entries.splice(at === -1 ? this.#entries.length : at, 0, { path, value })
  }

  /** The value registered for exactly `path`, or null. */
  get(path: string): Value | null {
    return this.#entries.find((entry) => entry.path === path)?.value ?? null
  }

  /** Takes out the value registered for exactly `path`, if there is one. */
  remove(path: string): void {
    const at = this.#entries.findIndex((entry) => entry.path === path)
    if (at !== -1) this.#entries.splice(at, 1)
  }

  /** The value of the longest path that `path` starts with, or null. */
  lookup(path: string): Value | null {
    return this.#entries.find((entry) => path.startsWith(entry.path))?.value ?? null
  }
}
