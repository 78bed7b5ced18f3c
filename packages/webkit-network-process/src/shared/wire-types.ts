// Schemas for the small things every message is made of. Upstream: WebKit/Platform/IPC/ArgumentCoders.h.
import { Type, type Static } from 'typebox'

/** Raw bytes. What is decoded is a view on the received message; its owner may keep it. */
export const BytesSchema = Type.Refine(
  Type.Unsafe<Uint8Array>({}),
  (value) => value instanceof Uint8Array,
  () => 'must be bytes',
)

/** Header fields in the order they are sent, names as written. Names are tokens; values hold no NUL, CR or LF (RFC 9110 section 5.5). */
export const HTTPHeaderFieldsSchema = Type.Array(
  Type.Tuple([
    Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }),
    Type.String({ pattern: '^[^\\u0000\\r\\n]*$' }),
  ]),
  { maxItems: 4096 },
)
export type HTTPHeaderFields = Static<typeof HTTPHeaderFieldsSchema>

/** Milliseconds since the epoch, with fraction. */
export const TimestampSchema = Type.Number({ minimum: 0 })

/** Milliseconds since the epoch, or null for what did not happen. */
export const OptionalTimestampSchema = Type.Union([Type.Null(), TimestampSchema])

export const OptionalStringSchema = Type.Union([Type.Null(), Type.String()])

/** A counter or an identifier. */
export const UnsignedSchema = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** An identifier that fits a frame header. */
export const Uint32Schema = Type.Integer({ minimum: 0, maximum: 0xffffffff })
