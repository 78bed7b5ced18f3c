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
  /** Bytes of the request line and header section. HTTP/2: before HPACK, as HTTP/1.1 would have sent them. */
  requestHeaderBytesSent = 0
  /** Body bytes without chunk framing. */
  requestBodyBytesSent = 0
  /** Bytes of the status line and header section, counted like those of the request. */
  responseHeaderBytesReceived = 0
  /** Body bytes before decoding, without chunk framing. */
  responseBodyBytesReceived = 0
  /** Body bytes after content decoding. */
  responseBodySize = 0

  /** Alias of `requestBodyBytesSent`: request bodies are sent as they are. */
  get requestBodySize(): number {
    return this.requestBodyBytesSent
  }

  /** Forgets everything of one attempt, before the next. */
  restart(): void {
    const { fetchStart } = this
    Object.assign(this, new MessageMetrics(), { fetchStart })
  }
}
