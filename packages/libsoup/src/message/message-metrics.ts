// When each stage of a message happened and how many bytes went each way. Filled by connections and their wire code for
// messages with COLLECT_METRICS. Upstream: libsoup/soup-message-metrics.c.

/** Now, in milliseconds since the epoch with microsecond fraction; one clock for all processes of a machine. */
export function metricsNow(): number {
  return performance.timeOrigin + performance.now()
}

/**
 * Times are milliseconds since the epoch; 0 means the stage did not happen. A message on a reused connection has no
 * `dns`, `connect` and `tls` times; one to a numeric address looks nothing up. After a redirect the times are those of
 * the last request, save `fetchStart`.
 */
export class MessageMetrics {
  /** The session took the message. */
  fetchStart = 0
  dnsStart = 0
  dnsEnd = 0
  connectStart = 0
  tlsStart = 0
  /** The connection was ready for HTTP, TLS included. */
  connectEnd = 0
  requestStart = 0
  /** First byte of the response. */
  responseStart = 0
  /** Last byte of the response body. */
  responseEnd = 0
  /**
   * Bytes of the request line and header section. HTTP/2: those of its fields, pseudo-header fields among them, before
   * HPACK, each counted as a line of HTTP/1.1.
   */
  requestHeaderBytesSent = 0
  /** Body bytes on the wire: in HTTP/1.1 with chunk framing, in HTTP/2 without that of its frames. */
  requestBodyBytesSent = 0
  /** Body bytes without chunk framing. */
  requestBodySize = 0
  /** Bytes of the status line and header section, counted like those of the request; of informational responses too. */
  responseHeaderBytesReceived = 0
  /** Body bytes on the wire, before decoding, counted like those of the request; with trailers in HTTP/1.1. */
  responseBodyBytesReceived = 0
  /** Body bytes after content decoding. */
  responseBodySize = 0

  /** Forgets everything of one attempt, before the next. */
  restart(): void {
    const { fetchStart } = this
    Object.assign(this, new MessageMetrics(), { fetchStart })
  }
}
