// The bodies a page holds: what its documents share, within a bound. One per Page. Used by CachedResourceLoader.
// Upstream: WebCore/loader/cache/MemoryCache.cpp

import type { CachedResource } from './cached-resource.ts'

/** WebKit's default capacity. */
export const DEFAULT_MEMORY_CACHE_BYTES = 8 * 1024 * 1024

/** Resources remembered, with or without a body. */
const MAX_RESOURCES = 20_000

/** Resources by URL, least recently used first; the least recently used bodies go when there is no more room. */
export class MemoryCache {
  readonly capacity: number
  /** In order of use: a Map keeps the order of insertion. */
  readonly #resources = new Map<string, CachedResource>()
  /** Every body that counts, among them those whose response forbids reuse by another document. */
  readonly #held = new Map<CachedResource, number>()
  #size = 0

  constructor(capacity: number = DEFAULT_MEMORY_CACHE_BYTES) {
    this.capacity = capacity
  }

  /** Bytes of all bodies held. Never above `capacity` once `adjustSize` has returned. */
  get size(): number {
    return this.#size
  }

  /** The resource last added for `url`, which becomes the most recently used. The URL has no fragment. */
  resourceForRequest(url: string): CachedResource | null {
    const resource = this.#resources.get(url)
    if (resource === undefined) return null
    this.#resources.delete(url)
    this.#resources.set(url, resource)
    const bytes = this.#held.get(resource)
    if (bytes !== undefined) {
      this.#held.delete(resource)
      this.#held.set(resource, bytes)
    }
    return resource
  }

  add(resource: CachedResource): void {
    this.#resources.delete(resource.url)
    this.#resources.set(resource.url, resource)
    if (this.#resources.size > MAX_RESOURCES) {
      const [oldest] = this.#resources.values()
      if (oldest !== undefined) this.#evict(oldest)
    }
  }

  /** Forgets the resource and its body. */
  remove(resource: CachedResource): void {
    this.#evict(resource)
  }

  /** Counts `delta` more bytes of the resource's body and makes room, at the cost of this resource last. */
  adjustSize(resource: CachedResource, delta: number): void {
    const bytes = (this.#held.get(resource) ?? 0) + delta
    this.#held.delete(resource)
    this.#held.set(resource, bytes)
    this.#size += delta
    this.#prune()
  }

  /** Forgets everything. */
  evictResources(): void {
    for (const resource of [...this.#held.keys(), ...this.#resources.values()]) this.#evict(resource)
  }

  #prune(): void {
    for (const resource of this.#held.keys()) {
      if (this.#size <= this.capacity) return
      this.#evict(resource)
    }
  }

  #evict(resource: CachedResource): void {
    this.#size -= this.#held.get(resource) ?? 0
    this.#held.delete(resource)
    if (this.#resources.get(resource.url) === resource) this.#resources.delete(resource.url)
    resource.destroyData()
  }
}
