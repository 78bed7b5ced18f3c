// What the UIProcess tells a page in its WebProcess. Receiver: WebPage. Upstream: WebKit/WebProcess/WebPage/
// WebPage.messages.in.

import {
  defineMessages,
  HTTPHeaderFieldsSchema,
  OptionalStringSchema,
  ResourceRequestDataSchema,
  UnsignedSchema,
} from '@wpe-networking/webkit-network-process/connection'
import { type Static, Type } from 'typebox'

/**
 * Longest HTML source and page text handed to the UIProcess, in UTF-16 units. No document is longer than the first
 * (webcore's `MAX_DOCUMENT_LENGTH`); longer text is cut and ends in an ellipsis.
 */
export const MAXIMUM_SOURCE_CHARACTERS = 32 * 1024 * 1024
export const MAXIMUM_TEXT_CHARACTERS = 4 * 1024 * 1024

/** What a page is told about itself before its first load. Upstream: WebKit/Shared/WebPageCreationParameters.h. */
export const WebPageSettingsSchema = Type.Object(
  {
    userAgent: Type.String(),
    acceptLanguage: OptionalStringSchema,
    extraHeaders: HTTPHeaderFieldsSchema,
  },
  { additionalProperties: false },
)
export type WebPageSettings = Static<typeof WebPageSettingsSchema>

export const WebPageMessages = defineMessages({
  receiver: 'WebPage',
  receiverId: 16,
  sentBy: 'UIProcess',
  sentTo: 'WebProcess',
  messages: {
    /** Loads a new document; an earlier load still under way is stopped without a word about it. */
    LoadRequest: {
      arguments: { navigationID: UnsignedSchema, request: ResourceRequestDataSchema, settings: WebPageSettingsSchema },
      maximumPayloadBytes: 32 * 1024 * 1024,
    },
    StopLoading: { arguments: {} },
    /** The committed document, as source and as text wrapped at that many columns; empty where not asked for or not there. */
    GetContents: {
      arguments: {
        source: Type.Boolean(),
        text: Type.Boolean(),
        textColumns: Type.Integer({ minimum: 1, maximum: 10_000 }),
      },
      // The reply: three UTF-8 bytes for each unit at most.
      maximumPayloadBytes: 3 * (MAXIMUM_SOURCE_CHARACTERS + MAXIMUM_TEXT_CHARACTERS) + 1024,
      reply: {
        source: Type.String({ maxLength: MAXIMUM_SOURCE_CHARACTERS }),
        text: Type.String({ maxLength: MAXIMUM_TEXT_CHARACTERS }),
      },
    },
  },
})
