// Collects what a page reports about its resources into a LoadReport. Fed by WebPageProxy, read by WebView.

import type { ArgumentsOf, ResourceResponseData } from '@wpe-networking/webkit-network-process/connection'
import type { ErrorReport, LoadReport, RedirectReport, ResourceReport, WebProcessReport } from '../load-report.ts'
import { resourceReport } from './resource-report.ts'
import type { WebPageProxyMessages } from './web-page-proxy.messages.ts'

type DeclaredArguments<Name extends keyof typeof WebPageProxyMessages.messages> = ArgumentsOf<
  NonNullable<(typeof WebPageProxyMessages.messages)[Name]['declared']>['arguments']
>
/** A resource as a WebProcess announced it: the right shape, and no more to be believed than that. */
export type ReceivedLoadStart = DeclaredArguments<'DidInitiateResourceLoad'>['resource']
export type ReceivedLoadEntry = DeclaredArguments<'DidCompleteResourceLoad'>['entry']

/** What happened to a navigation in the WebProcesses it passed through before the one that goes on with it. */
export interface CarriedNavigation {
  readonly redirects: readonly RedirectReport[]
  /** In ms since the epoch. */
  readonly queuedAt: number
}

export class LoadRecorder {
  readonly #uri: string
  readonly #startedAt: number
  readonly #pending = new Map<number, ReceivedLoadStart>()
  readonly #resources: ResourceReport[] = []
  #carried: CarriedNavigation | null = null
  #response: ResourceResponseData | null = null
  #finalUri: string
  #title: string | null = null
  #finishedAt: number | null = null

  /** @param startedAt Zero of all timings, in ms since the epoch. */
  constructor(uri: string, startedAt: number) {
    this.#uri = uri
    this.#finalUri = uri
    this.#startedAt = startedAt
  }

  /** Resources heard of so far. */
  get resourceCount(): number {
    return this.#resources.length + this.#pending.size
  }

  get completedCount(): number {
    return this.#resources.length
  }

  /** A new process goes on with the navigation; what the old one started does not count. */
  continueElsewhere(carried: CarriedNavigation): void {
    this.#pending.clear()
    this.#resources.length = 0
    this.#carried = carried
  }

  didInitiate(resource: ReceivedLoadStart): void {
    this.#pending.set(resource.identifier, resource)
  }

  /** @returns the finished resource, or `null` when it was never announced. */
  didComplete(entry: ReceivedLoadEntry): ResourceReport | null {
    if (!this.#pending.delete(entry.identifier)) return null
    const report = resourceReport(entry, this.#startedAt, this.#resources.length === 0 ? this.#carried : null)
    this.#resources.push(report)
    return report
  }

  didRedirect(uri: string): void {
    this.#finalUri = uri
  }

  didCommit(response: ResourceResponseData): void {
    this.#response = response
    this.#finalUri = response.url
  }

  didReceiveTitle(title: string): void {
    this.#title = title
  }

  /** @param finishedAt In ms since the epoch. */
  didEnd(finishedAt: number): void {
    this.#finishedAt ??= finishedAt
  }

  /** The report so far; resources that were still loading when the page failed carry the page's error. */
  report(
    error: ErrorReport | null,
    processes: { network: number | null; web: readonly WebProcessReport[] },
  ): LoadReport {
    const end = this.#finishedAt ?? performance.timeOrigin + performance.now()
    const unfinished = Array.from(this.#pending.values(), (start) =>
      unfinishedReport(start, end, this.#startedAt, error),
    )
    const status = this.#response?.httpStatusCode ?? 0
    return {
      uri: this.#uri,
      finalUri: this.#finalUri,
      status: status === 0 ? null : status,
      title: this.#title,
      startedAt: this.#startedAt,
      duration: end - this.#startedAt,
      resources: [...this.#resources, ...unfinished].sort((a, b) => a.timing.queued - b.timing.queued),
      processes: { ui: process.pid, ...processes },
      error,
      source: '',
      text: '',
    }
  }
}

function unfinishedReport(
  start: ReceivedLoadStart,
  end: number,
  startedAt: number,
  error: ErrorReport | null,
): ResourceReport {
  const entry: ReceivedLoadEntry = {
    ...start,
    ...{ finalUrl: start.url, response: null, metrics: null, error: null, startedAt: null },
    ...{ finishedAt: end, redirects: [], source: '', sizes: { headers: 0, encoded: 0, decoded: 0 } },
  }
  return { ...resourceReport(entry, startedAt, null), error: error ?? UNFINISHED }
}

const UNFINISHED: ErrorReport = {
  domain: 'WebKitNetworkError',
  code: 'CANCELLED',
  message: 'The load had not ended when the report was made.',
}
