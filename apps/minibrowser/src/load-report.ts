// What one page load came to: every resource with its timing, the processes that took part and the error, if any.
// Built by the UIProcess (ui-process/load-recorder.ts), read by the renderers in output/. Upstream has no counterpart:
// it is what Web Inspector's network tab would be given.

/** Points in time of one load, in milliseconds from the start of the page load; `null` when the step did not happen. */
export interface ResourceTiming {
  /** The document asked for the resource. */
  readonly queued: number
  /** The WebProcess handed the load to the connection. */
  readonly sent: number | null
  readonly receivedByNetworkProcess: number | null
  /** First of the redirects, when there were any. */
  readonly redirectStart: number | null
  readonly fetchStart: number | null
  readonly domainLookupStart: number | null
  readonly domainLookupEnd: number | null
  readonly connectStart: number | null
  readonly secureConnectionStart: number | null
  readonly connectEnd: number | null
  readonly requestStart: number | null
  readonly responseStart: number | null
  readonly responseEnd: number | null
  /** The last byte, or the error, was delivered in the WebProcess. */
  readonly finished: number
}

/** Which TLS library secured the connection, and how. */
export interface TlsReport {
  readonly backend: string
  readonly protocol: string
  readonly cipher: string
}

/** A failure as it is told to the user: GLib-style domain and code, and one sentence. */
export interface ErrorReport {
  readonly domain: string
  readonly code: string
  readonly message: string
}

/** Sizes in bytes: response headers on the wire, the body as it came, the body after decoding. */
export interface SizeReport {
  readonly headers: number
  readonly encoded: number
  readonly decoded: number
}

/** One hop that answered with a redirect. */
export interface RedirectReport {
  readonly url: string
  readonly status: number
  readonly location: string
}

export type HeaderList = readonly (readonly [name: string, value: string])[]

export interface ResourceReport {
  /** As asked for, like the name of a Resource Timing entry; `redirects` tells where it led. */
  readonly url: string
  /** What the document used it for: `document`, `stylesheet`, `script`, `image`, … */
  readonly type: string
  /** URL of what asked for it, or a word such as `navigation` where nothing did. */
  readonly initiator: string
  /** HTTP status; `null` when no response came. */
  readonly status: number | null
  readonly statusText: string
  /** `http/1.1`, `h2`, `data`, …; `null` when no response came. */
  readonly protocol: string | null
  readonly remoteAddress: string | null
  readonly tls: TlsReport | null
  /** `network`, `memory-cache`, `disk-cache`, `data-url`, …; `null` when no response came. */
  readonly source: string | null
  readonly mimeType: string
  readonly method: string
  readonly requestHeaders: HeaderList
  readonly responseHeaders: HeaderList
  /** Bytes of the request: headers and body, as sent. */
  readonly requestSize: { readonly headers: number; readonly body: number }
  readonly size: SizeReport
  readonly connection: { readonly identifier: string | null; readonly reused: boolean }
  readonly redirects: readonly RedirectReport[]
  readonly timing: ResourceTiming
  readonly error: ErrorReport | null
}

export interface WebProcessReport {
  readonly pid: number
  readonly site: string
  readonly sandbox: string
}

export interface LoadReport {
  /** What was asked for. */
  readonly uri: string
  /** Where it ended after redirects. */
  readonly finalUri: string
  readonly status: number | null
  readonly title: string | null
  /** Start of the load, ms since the epoch; all timings count from here. */
  readonly startedAt: number
  /** Milliseconds from the start to `load-changed` finished, or to the failure. */
  readonly duration: number
  readonly resources: readonly ResourceReport[]
  readonly processes: {
    readonly ui: number
    readonly network: number | null
    readonly web: readonly WebProcessReport[]
  }
  /** Why the page failed; `null` for a page that loaded, whatever became of its subresources. */
  readonly error: ErrorReport | null
  /** The decoded HTML of the main resource; empty when nothing was committed. */
  readonly source: string
  /** The page as plain text, as the WebProcess laid it out; not yet safe for a terminal. */
  readonly text: string
}
