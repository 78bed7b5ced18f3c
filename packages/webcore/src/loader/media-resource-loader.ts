// A media element's resource: read and dropped, as there is no player, and no further than a player would look at first
// unless the page asks for all of it. Upstream: WebCore/loader/MediaResourceLoader.cpp

import type { CachedRawResourceClient } from './cache/cached-resource-client.ts'

/** What `preload=metadata` loads at most. */
export const MEDIA_METADATA_BYTES = 1024 * 1024

export class MediaResourceLoader implements CachedRawResourceClient {
  readonly #stop: () => void
  #received = 0

  /** @param stop Ends the load as done. */
  constructor(stop: () => void) {
    this.#stop = stop
  }

  dataReceived(chunk: Uint8Array): void {
    this.#received += chunk.byteLength
    if (this.#received >= MEDIA_METADATA_BYTES) this.#stop()
  }

  notifyFinished(): void {
    // Nothing waits for the end: there is no player.
  }
}
