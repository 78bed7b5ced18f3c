// Turns what a WebProcess tells about one finished load into its part of the LoadReport. Pure; called by LoadRecorder.

import type { ErrorReport, RedirectReport, ResourceReport, ResourceTiming } from '../load-report.ts'
import type { CarriedNavigation, ReceivedLoadEntry } from './load-recorder.ts'

/**
 * @param startedAt Start of the page load, in ms since the epoch.
 * @param carried For a main resource that began in another process: what happened there.
 */
export function resourceReport(
  entry: ReceivedLoadEntry,
  startedAt: number,
  carried: CarriedNavigation | null,
): ResourceReport {
  const { response, metrics } = entry
  const tls = response?.tls ?? metrics?.tls ?? null
  return {
    url: carried?.redirects[0]?.url ?? entry.url,
    type: entry.type,
    initiator: entry.initiator.url ?? entry.initiator.type,
    status: response === null || response.httpStatusCode === 0 ? null : response.httpStatusCode,
    statusText: response?.httpStatusText ?? '',
    protocol: response?.protocol || metrics?.protocol || null,
    remoteAddress: response?.remoteAddress ?? metrics?.remoteAddress ?? null,
    tls,
    source: response === null ? null : entry.source,
    mimeType: response?.mimeType ?? '',
    method: entry.method,
    requestHeaders: entry.requestHeaders,
    responseHeaders: response?.httpHeaderFields ?? [],
    requestSize: { headers: metrics?.requestHeaderBytesSent ?? 0, body: metrics?.requestBodyBytesSent ?? 0 },
    size: entry.sizes,
    connection: {
      identifier: metrics && metrics.connectionIdentifier > 0 ? String(metrics.connectionIdentifier) : null,
      reused: metrics?.connectionReused ?? false,
    },
    redirects: [...(carried?.redirects ?? []), ...entry.redirects.map(redirectReport)],
    timing: timingOf(entry, startedAt, carried),
    error: errorOf(entry),
  }
}

function redirectReport({ url, location, response }: ReceivedLoadEntry['redirects'][number]): RedirectReport {
  return { url, status: response.httpStatusCode, location }
}

function errorOf({ error }: ReceivedLoadEntry): ErrorReport | null {
  return error === null ? null : { domain: error.domain, code: error.code, message: error.localizedDescription }
}

function timingOf(entry: ReceivedLoadEntry, startedAt: number, carried: CarriedNavigation | null): ResourceTiming {
  const since = (time: number | null | undefined): number | null => (typeof time === 'number' ? time - startedAt : null)
  const { metrics } = entry
  return {
    queued: (carried?.queuedAt ?? entry.queuedAt) - startedAt,
    sent: since(entry.startedAt),
    receivedByNetworkProcess: since(metrics?.receivedByNetworkProcess),
    redirectStart: since(carried?.queuedAt ?? metrics?.redirectStart),
    fetchStart: since(metrics?.fetchStart),
    domainLookupStart: since(metrics?.domainLookupStart),
    domainLookupEnd: since(metrics?.domainLookupEnd),
    connectStart: since(metrics?.connectStart),
    secureConnectionStart: since(metrics?.secureConnectionStart),
    connectEnd: since(metrics?.connectEnd),
    requestStart: since(metrics?.requestStart),
    responseStart: since(metrics?.responseStart),
    responseEnd: since(metrics?.responseEnd),
    finished: entry.finishedAt - startedAt,
  }
}
