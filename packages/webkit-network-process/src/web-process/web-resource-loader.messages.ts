// What the NetworkProcess reports about one load; the frame's destination is the load's identifier. Receiver: WebResourceLoader.
// Order: WillSendRequest once per redirect, DidReceiveResponse at most once, DidReceiveData any number of times, then exactly one of
// DidFinishResourceLoad and DidFailResourceLoad. Upstream: WebKit/WebProcess/Network/WebResourceLoader.messages.in.
import { Type } from 'typebox'
import { defineMessages } from '../platform/ipc/message-receiver.ts'
import { NetworkLoadMetricsSchema } from '../shared/network-load-metrics.ts'
import { ResourceErrorDataSchema } from '../shared/resource-error-data.ts'
import { ResourceRequestDataSchema } from '../shared/resource-request-data.ts'
import { ResourceResponseDataSchema } from '../shared/resource-response-data.ts'
import { MAXIMUM_REQUEST_PAYLOAD_BYTES } from '../shared/wire-types.ts'

/** Bytes of body that may be on their way to a WebProcess, sent and not yet consumed, per load. */
export const LOAD_WINDOW_BYTES = 1024 * 1024
/** Largest DidReceiveData. */
export const MAXIMUM_DATA_FRAME_BYTES = 64 * 1024

export const WebResourceLoaderMessages = defineMessages({
  receiver: 'WebResourceLoader',
  receiverId: 3,
  sentBy: 'NetworkProcess',
  sentTo: 'WebProcess',
  messages: {
    /** A redirect wants to be followed. The answer is the request to send, or null to cancel the load. */
    WillSendRequest: {
      arguments: { request: ResourceRequestDataSchema, redirectResponse: ResourceResponseDataSchema },
      maximumPayloadBytes: 2 * MAXIMUM_REQUEST_PAYLOAD_BYTES,
      reply: { newRequest: Type.Union([Type.Null(), ResourceRequestDataSchema]) },
    },
    DidReceiveResponse: {
      arguments: { response: ResourceResponseDataSchema },
      maximumPayloadBytes: MAXIMUM_REQUEST_PAYLOAD_BYTES,
    },
    DidReceiveData: { kind: 'raw', arguments: {}, maximumPayloadBytes: MAXIMUM_DATA_FRAME_BYTES },
    DidFinishResourceLoad: { arguments: { metrics: NetworkLoadMetricsSchema } },
    DidFailResourceLoad: {
      arguments: { error: ResourceErrorDataSchema, metrics: Type.Union([Type.Null(), NetworkLoadMetricsSchema]) },
      maximumPayloadBytes: MAXIMUM_REQUEST_PAYLOAD_BYTES,
    },
  },
})
