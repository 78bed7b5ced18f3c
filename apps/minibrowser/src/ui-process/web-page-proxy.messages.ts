// What a page in its WebProcess tells the UIProcess, which believes none of it without looking. Receiver: WebPageProxy.
// Upstream: WebKit/UIProcess/WebPageProxy.messages.in.

import {
  defineMessages,
  HTTPHeaderFieldsSchema,
  NetworkLoadMetricsSchema,
  ResourceErrorDataSchema,
  ResourceRequestDataSchema,
  ResourceResponseDataSchema,
  TimestampSchema,
  UnsignedSchema,
} from '@wpe-networking/webkit-network-process/connection'
import { Type } from 'typebox'

/** Longest URL a WebProcess may name; the 2 MiB that browsers agree on for data URLs in the address bar. */
const MAXIMUM_URL_CHARACTERS = 2 * 1024 * 1024
export const MAXIMUM_TITLE_CHARACTERS = 4_096

const url = Type.String({ maxLength: MAXIMUM_URL_CHARACTERS })
const navigationID = UnsignedSchema
const word = Type.String({ maxLength: 64 })
/** A response head of 256 KiB, its URL and the rest. */
const RESPONSE_BYTES = 8 * 1024 * 1024

const loadStart = {
  identifier: UnsignedSchema,
  url,
  type: word,
  initiator: Type.Object({ type: word, url: Type.Union([Type.Null(), url]) }),
  priority: word,
  method: word,
  requestHeaders: HTTPHeaderFieldsSchema,
  queuedAt: TimestampSchema,
}

const loadEntry = {
  ...loadStart,
  finalUrl: url,
  response: Type.Union([Type.Null(), ResourceResponseDataSchema]),
  metrics: Type.Union([Type.Null(), NetworkLoadMetricsSchema]),
  error: Type.Union([Type.Null(), ResourceErrorDataSchema]),
  startedAt: Type.Union([Type.Null(), TimestampSchema]),
  finishedAt: TimestampSchema,
  redirects: Type.Array(
    Type.Object({ url, location: url, response: ResourceResponseDataSchema, receivedAt: TimestampSchema }),
    { maxItems: 32 },
  ),
  source: word,
  sizes: Type.Object({ headers: UnsignedSchema, encoded: UnsignedSchema, decoded: UnsignedSchema }),
}

export const WebPageProxyMessages = defineMessages({
  receiver: 'WebPageProxy',
  receiverId: 17,
  sentBy: 'WebProcess',
  sentTo: 'UIProcess',
  messages: {
    /** May this navigation go on here? `ignore` also when it goes on in another process. */
    DecidePolicyForNavigationAction: {
      arguments: {
        navigationID,
        request: ResourceRequestDataSchema,
        redirectResponse: Type.Union([Type.Null(), ResourceResponseDataSchema]),
      },
      maximumPayloadBytes: 32 * 1024 * 1024,
      reply: { policy: Type.Enum(['use', 'ignore']) },
    },
    DidStartProvisionalLoad: { arguments: { navigationID, url }, maximumPayloadBytes: RESPONSE_BYTES },
    DidReceiveServerRedirect: { arguments: { navigationID, url }, maximumPayloadBytes: RESPONSE_BYTES },
    DidCommitLoad: {
      arguments: { navigationID, response: ResourceResponseDataSchema },
      maximumPayloadBytes: RESPONSE_BYTES,
    },
    DidReceiveTitle: {
      arguments: { navigationID, title: Type.String({ maxLength: MAXIMUM_TITLE_CHARACTERS }) },
    },
    DidFinishDocumentLoad: { arguments: { navigationID } },
    DidFinishLoad: { arguments: { navigationID } },
    DidFailProvisionalLoad: {
      arguments: { navigationID, error: ResourceErrorDataSchema },
      maximumPayloadBytes: RESPONSE_BYTES,
    },
    DidFailLoad: { arguments: { navigationID, error: ResourceErrorDataSchema }, maximumPayloadBytes: RESPONSE_BYTES },
    DidInitiateResourceLoad: {
      arguments: { navigationID, resource: Type.Object(loadStart) },
      maximumPayloadBytes: RESPONSE_BYTES,
    },
    DidCompleteResourceLoad: {
      arguments: { navigationID, entry: Type.Object(loadEntry) },
      maximumPayloadBytes: 4 * RESPONSE_BYTES,
    },
  },
})
