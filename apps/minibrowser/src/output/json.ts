// `--output=json`: the load as one JSON object for other programs. The member names are a published interface.

import type { ErrorReport, LoadReport, RedirectReport, ResourceReport, ResourceTiming } from '../load-report.ts'
import type { SizeReport, TlsReport, WebProcessReport } from '../load-report.ts'
import { jsonText } from './json-text.ts'

export interface JsonResource {
  readonly url: string
  readonly type: string
  readonly initiator: string
  readonly status: number | null
  readonly protocol: string | null
  readonly remoteAddress: string | null
  readonly tls: TlsReport | null
  readonly source: string | null
  readonly redirects: readonly RedirectReport[]
  readonly size: SizeReport
  /** Milliseconds from the start of the page load, to three places. */
  readonly timing: ResourceTiming
  readonly error: ErrorReport | null
}

export interface JsonLoad {
  readonly uri: string
  readonly finalUri: string
  readonly status: number | null
  readonly title: string | null
  readonly resources: readonly JsonResource[]
  readonly processes: {
    readonly ui: number
    readonly network: number | null
    readonly web: readonly WebProcessReport[]
  }
  /** Why the page failed, or `null`. */
  readonly error: ErrorReport | null
}

/** The published view of a report. */
export function toJsonLoad(report: LoadReport): JsonLoad {
  const { uri, finalUri, status, title, resources, processes, error } = report
  return { uri, finalUri, status, title, resources: resources.map(toJsonResource), processes, error }
}

/** {@link toJsonLoad} as text with two-space indentation and a final newline. */
export function renderJson(report: LoadReport): string {
  return jsonText(toJsonLoad(report))
}

function toJsonResource(resource: ResourceReport): JsonResource {
  const { url, type, initiator, status, protocol, remoteAddress, tls, source, redirects, size, error } = resource
  const timing = roundTiming(resource.timing)
  return { url, type, initiator, status, protocol, remoteAddress, tls, source, redirects, size, timing, error }
}

function roundTiming(timing: ResourceTiming): ResourceTiming {
  const rounded: { -readonly [Name in keyof ResourceTiming]: ResourceTiming[Name] } = { ...timing }
  for (const name of Object.keys(rounded) as (keyof ResourceTiming)[]) {
    const milliseconds = rounded[name]
    if (milliseconds !== null) rounded[name] = Math.round(milliseconds * 1000) / 1000
  }
  return rounded
}
