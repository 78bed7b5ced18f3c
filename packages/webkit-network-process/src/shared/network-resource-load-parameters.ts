// Everything the NetworkProcess is told about one load. Upstream: WebKit/NetworkProcess/NetworkResourceLoadParameters.h.
import { Type, type Static } from 'typebox'
import { FetchOptionsSchema } from './fetch-options.ts'
import { ResourceRequestDataSchema } from './resource-request-data.ts'
import { TimestampSchema, Uint32Schema, UnsignedSchema } from './wire-types.ts'

/** Names a load within its WebProcess. Counts up from 1 and is never used twice on a connection. */
export type ResourceLoaderIdentifier = number
export const ResourceLoaderIdentifierSchema = Type.Integer({ minimum: 1, maximum: 0xffffffff })

export const NetworkResourceLoadParametersSchema = Type.Object(
  {
    identifier: ResourceLoaderIdentifierSchema,
    pageID: UnsignedSchema,
    frameID: UnsignedSchema,
    request: ResourceRequestDataSchema,
    options: FetchOptionsSchema,
    isMainFrameNavigation: Type.Boolean(),
    /** Whether the MIME type may be told from the body when the response names none. */
    contentSniffing: Type.Boolean(),
    /** When the WebProcess sent this. */
    sentAt: TimestampSchema,
  },
  { additionalProperties: false },
)
export type NetworkResourceLoadParameters = Static<typeof NetworkResourceLoadParametersSchema>

/** Identifies a WebProcess within its browser. */
export const WebProcessIdentifierSchema = Uint32Schema
/** Identifies a session within its browser. */
export const SessionIDSchema = Uint32Schema
