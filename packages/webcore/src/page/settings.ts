// What the embedder fixes about a page: who it says it is, and the screen its media queries are asked about.
// Upstream: WebCore/page/Settings.yaml, the part that loading looks at.

/** The screen a page is laid out for. Nothing is laid out here; it decides media queries and image candidates. */
export interface Viewport {
  /** CSS pixels. */
  readonly width: number
  readonly height: number
  /** Device pixels per CSS pixel. */
  readonly deviceScaleFactor: number
}

export interface PageSettings {
  /** Sent with every request. */
  readonly userAgent: string
  /** Sent with every request when given, e.g. `en-US,en;q=0.9`. */
  readonly acceptLanguage?: string
  /** Added to the main resource's request and, when the URL is of the same origin, to its subresources'. */
  readonly extraHeaders?: readonly (readonly [name: string, value: string])[]
  /** Default 1280 by 720 at 1. */
  readonly viewport?: Viewport
  /** Seconds without a byte before a load fails; 0, the default, waits for ever. */
  readonly timeoutInterval?: number
  /** Bytes MemoryCache may hold; the default is WebKit's 8 MiB. */
  readonly memoryCacheCapacity?: number
}

export const DEFAULT_VIEWPORT: Viewport = { width: 1280, height: 720, deviceScaleFactor: 1 }
