// Reads the body of a redirect away, so that its connection can serve the next request. Called by NetworkDataTaskSoup.
// Upstream: WebKit/NetworkProcess/soup/NetworkDataTaskSoup.cpp (skipInputStreamForRedirection).
import type { Readable } from 'node:stream'

/** A longer body costs more than a new connection. */
const MAXIMUM_SKIPPED_BYTES = 64 * 1024

/** Resolves when the body has ended, failed, or turned out too long and was given up; never rejects. */
export function skipInputStreamForRedirection(body: Readable): Promise<void> {
  return new Promise((resolve) => {
    let skippedBytes = 0
    body.on('data', (chunk: Buffer) => {
      skippedBytes += chunk.length
      if (skippedBytes > MAXIMUM_SKIPPED_BYTES) body.destroy()
    })
    body.on('end', resolve)
    body.on('close', resolve)
    // The redirect stands, whatever became of its body.
    body.on('error', () => resolve())
  })
}
