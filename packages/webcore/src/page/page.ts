// One page: its main frame, its settings and what its documents share. Made by the WebProcess, one per web view.
// Upstream: WebCore/page/Page.cpp

import { MemoryCache } from '../loader/cache/memory-cache.ts'
import type { FrameLoaderClient } from '../loader/frame-loader-client.ts'
import type { LoaderStrategy } from '../loader/loader-strategy.ts'
import { LocalFrame } from './local-frame.ts'
import { DEFAULT_VIEWPORT } from './settings.ts'
import type { PageSettings, Viewport } from './settings.ts'

export interface PageConfiguration {
  readonly loaderStrategy: LoaderStrategy
  readonly frameLoaderClient: FrameLoaderClient
  readonly settings: PageSettings
  /** Unique in the process; default 1. */
  readonly identifier?: number
}

export class Page {
  readonly identifier: number
  readonly loaderStrategy: LoaderStrategy
  readonly frameLoaderClient: FrameLoaderClient
  readonly settings: PageSettings
  readonly memoryCache: MemoryCache
  readonly mainFrame: LocalFrame
  #resourceIdentifier = 0

  constructor({ loaderStrategy, frameLoaderClient, settings, identifier = 1 }: PageConfiguration) {
    this.identifier = identifier
    this.loaderStrategy = loaderStrategy
    this.frameLoaderClient = frameLoaderClient
    this.settings = settings
    this.memoryCache = new MemoryCache(settings.memoryCacheCapacity)
    this.mainFrame = new LocalFrame(this, 1)
  }

  get viewport(): Viewport {
    return this.settings.viewport ?? DEFAULT_VIEWPORT
  }

  /** The next number for a load of this page, counted from 1. */
  nextResourceIdentifier(): number {
    return ++this.#resourceIdentifier
  }
}
