// The metrics of a Soup.Message as data for the WebProcess. Called by NetworkDataTaskSoup.
// Upstream: WebKit/NetworkProcess/soup/NetworkDataTaskSoup.cpp (didGetHeaders, additional metrics).
import type { Message } from '@wpe-networking/libsoup'
import { emptyNetworkLoadMetrics, type NetworkLoadMetrics } from '../../shared/network-load-metrics.ts'
import { protocolFromSoup, tlsConnectionFromSoup } from './resource-response-soup.ts'

/** What the task knows and the message does not. */
export interface TaskMetrics {
  readonly receivedByNetworkProcess: number
  readonly redirectStart: number | null
  readonly redirectCount: number
  readonly bodyBytes: number
}

/** @param message The last hop; null when there was none. */
export function networkLoadMetricsFromSoup(message: Message | null, task: TaskMetrics): NetworkLoadMetrics {
  const metrics = message?.metrics
  if (!message || !metrics) {
    const { receivedByNetworkProcess, redirectStart, redirectCount } = task
    return { ...emptyNetworkLoadMetrics(receivedByNetworkProcess), redirectStart, redirectCount }
  }
  return {
    receivedByNetworkProcess: task.receivedByNetworkProcess,
    fetchStart: stamp(metrics.fetchStart),
    redirectStart: task.redirectStart,
    domainLookupStart: stamp(metrics.dnsStart),
    domainLookupEnd: stamp(metrics.dnsEnd),
    connectStart: stamp(metrics.connectStart),
    secureConnectionStart: stamp(metrics.tlsStart),
    connectEnd: stamp(metrics.connectEnd),
    requestStart: stamp(metrics.requestStart),
    responseStart: stamp(metrics.responseStart),
    responseEnd: stamp(metrics.responseEnd),
    redirectCount: task.redirectCount,
    connectionReused: message.isConnectionReused,
    connectionIdentifier: message.connectionId,
    protocol: protocolFromSoup(message),
    remoteAddress: message.remoteAddress?.toString() ?? null,
    tls: tlsConnectionFromSoup(message),
    requestHeaderBytesSent: metrics.requestHeaderBytesSent,
    requestBodyBytesSent: metrics.requestBodyBytesSent,
    responseHeaderBytesReceived: metrics.responseHeaderBytesReceived,
    responseBodyBytesReceived: metrics.responseBodyBytesReceived,
    responseBodyDecodedSize: task.bodyBytes,
  }
}

/** Soup writes 0 for what did not happen. */
function stamp(time: number): number | null {
  return time === 0 ? null : time
}
