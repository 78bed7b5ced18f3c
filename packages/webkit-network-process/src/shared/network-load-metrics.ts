// Times and byte counts of one load, made in the NetworkProcess from Soup.MessageMetrics.
// Upstream: WebCore/platform/network/NetworkLoadMetrics.h; W3C Resource Timing section 4.
import { Type, type Static } from 'typebox'
import { TlsConnectionDataSchema } from './resource-response-data.ts'
import { OptionalStringSchema, OptionalTimestampSchema, TimestampSchema, UnsignedSchema } from './wire-types.ts'

export const NetworkLoadMetricsSchema = Type.Object(
  {
    /** ScheduleResourceLoad was taken off the IPC connection. */
    receivedByNetworkProcess: TimestampSchema,
    /** Start of the last hop. */
    fetchStart: OptionalTimestampSchema,
    /** Start of the first hop, null when nothing was redirected. */
    redirectStart: OptionalTimestampSchema,
    domainLookupStart: OptionalTimestampSchema,
    domainLookupEnd: OptionalTimestampSchema,
    connectStart: OptionalTimestampSchema,
    secureConnectionStart: OptionalTimestampSchema,
    connectEnd: OptionalTimestampSchema,
    requestStart: OptionalTimestampSchema,
    responseStart: OptionalTimestampSchema,
    responseEnd: OptionalTimestampSchema,
    redirectCount: UnsignedSchema,
    connectionReused: Type.Boolean(),
    /** Soup's connection id, 0 when no connection was used. */
    connectionIdentifier: UnsignedSchema,
    protocol: Type.String(),
    remoteAddress: OptionalStringSchema,
    tls: Type.Union([Type.Null(), TlsConnectionDataSchema]),
    requestHeaderBytesSent: UnsignedSchema,
    requestBodyBytesSent: UnsignedSchema,
    responseHeaderBytesReceived: UnsignedSchema,
    /** As it came over the wire, content encoding still on. */
    responseBodyBytesReceived: UnsignedSchema,
    responseBodyDecodedSize: UnsignedSchema,
  },
  { additionalProperties: false },
)
export type NetworkLoadMetrics = Static<typeof NetworkLoadMetricsSchema>

/** The metrics of a load of which nothing is known but when it arrived. */
export function emptyNetworkLoadMetrics(receivedByNetworkProcess: number): NetworkLoadMetrics {
  return {
    receivedByNetworkProcess,
    fetchStart: null,
    redirectStart: null,
    domainLookupStart: null,
    domainLookupEnd: null,
    connectStart: null,
    secureConnectionStart: null,
    connectEnd: null,
    requestStart: null,
    responseStart: null,
    responseEnd: null,
    redirectCount: 0,
    connectionReused: false,
    connectionIdentifier: 0,
    protocol: '',
    remoteAddress: null,
    tls: null,
    requestHeaderBytesSent: 0,
    requestBodyBytesSent: 0,
    responseHeaderBytesReceived: 0,
    responseBodyBytesReceived: 0,
    responseBodyDecodedSize: 0,
  }
}
