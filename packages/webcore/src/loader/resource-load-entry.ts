// What the embedder is told about each load: when it begins, and everything about it once it is over.
// Sent by CachedResourceLoader through FrameLoaderClient. Upstream: WebCore/loader/ResourceTiming.cpp, widened for HAR.

import type {
  HTTPHeaderFields,
  NetworkLoadMetrics,
  ResourceErrorData,
  ResourceResponseData,
} from '@wpe-networking/webkit-network-process/connection'
import type { ResourceLoadPriority } from '../platform/network/resource-load-priority.ts'

/** What a load is for, as a developer tool groups loads. `preload` is one whose use is not yet known. */
export type ResourceLoadType =
  'document' | 'stylesheet' | 'script' | 'image' | 'font' | 'icon' | 'manifest' | 'media' | 'preload' | 'other'

/** What made a load, and the URL of the document or sheet that did; the URL is null for a navigation from outside. */
export interface ResourceLoadInitiator {
  readonly type: 'navigation' | 'parser' | 'css' | 'link-header' | 'preload'
  readonly url: string | null
}

export interface ResourceLoadStart {
  /** Unique in its page, counted from 1. */
  readonly identifier: number
  readonly url: string
  readonly type: ResourceLoadType
  readonly initiator: ResourceLoadInitiator
  readonly priority: ResourceLoadPriority
  readonly method: string
  /** The fields WebCore set. Cookies and what the transport adds are not among them. */
  readonly requestHeaders: HTTPHeaderFields
  /** When the page first asked for it, in ms since the epoch. */
  readonly queuedAt: number
}

export interface ResourceLoadRedirect {
  /** The URL that answered with a redirect. */
  readonly url: string
  /** The URL it led to. */
  readonly location: string
  readonly response: ResourceResponseData
  /** In ms since the epoch. */
  readonly receivedAt: number
}

/** Bytes. On the wire as the metrics have them; without metrics, what was counted here. */
export interface ResourceLoadSizes {
  readonly headers: number
  /** The body as it was transferred. */
  readonly encoded: number
  /** The body after content decoding. */
  readonly decoded: number
}

export interface ResourceLoadEntry extends ResourceLoadStart {
  /** `url` after redirects. */
  readonly finalUrl: string
  /** The last response head, also when its status makes the load a failure; null when there was none. */
  readonly response: ResourceResponseData | null
  /** Null when the load never reached the network or was stopped before it ended. */
  readonly metrics: NetworkLoadMetrics | null
  readonly error: ResourceErrorData | null
  /** When it was handed to the NetworkProcess, in ms since the epoch; null when it never was. */
  readonly startedAt: number | null
  readonly finishedAt: number
  readonly redirects: ResourceLoadRedirect[]
  /** Where the body came from: `network`, `memory-cache`, `data-url`, or what the response says. */
  readonly source: string
  readonly sizes: ResourceLoadSizes
}
