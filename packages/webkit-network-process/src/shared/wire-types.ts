// Schemas for the small things every message is made of. Upstream: WebKit/Platform/IPC/ArgumentCoders.h.
import { Type, type Static } from 'typebox'

/** Raw bytes. What is decoded is a view on the received message; its owner may keep it. */
export const BytesSchema = Type.Refine(
  Type.Unsafe<Uint8Array>({}),
  (value) => value instanceof Uint8Array,
  () => 'must be bytes',
)

/** What a header section of libsoup's largest size, 256 KiB, can hold of the shortest fields. */
const MAXIMUM_HEADER_FIELDS = 65_536

/** Header fields in the order they are sent, names as written. Names are tokens; values hold no NUL, CR or LF (RFC 9110 section 5.5). */
export const HTTPHeaderFieldsSchema = Type.Array(
  Type.Tuple([
    Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }),
    Type.String({ pattern: '^[^\\u0000\\r\\n]*$' }),
  ]),
  { maxItems: MAXIMUM_HEADER_FIELDS },
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

/** Largest request body in bytes. */
export const MAXIMUM_REQUEST_BODY_BYTES = 16 * 1024 * 1024

/** Largest payload of a message that carries a request, its body or a URL that may be a data: URL; all others are 1 MiB or less. */
export const MAXIMUM_REQUEST_PAYLOAD_BYTES = MAXIMUM_REQUEST_BODY_BYTES + 1024 * 1024
