// Looks over an encoded payload before the library decodes it: only plain data, bounded in depth and count, and exactly as long as
// its frame. MessagePack's extension types are refused here, because the library gives some of them a meaning (classes, record
// definitions compiled at run time) that bytes from another process must not have. Called by payload-codec.ts.
// Spec: https://github.com/msgpack/msgpack/blob/master/spec.md

/** Arrays and maps inside each other. */
export const MAXIMUM_PAYLOAD_DEPTH = 16
/** Values in one payload; the largest honest one is a response with 65,536 header fields. */
export const MAXIMUM_PAYLOAD_VALUES = 200_000

/** What is wrong with `payload`, or null when it may be decoded. */
export function payloadFault(payload: Uint8Array): string | null {
  const end = payload.length
  const pending: number[] = [] // values still missing of each array or map around the current one
  let missing = 1
  let values = 0
  let offset = 0
  for (;;) {
    while (missing === 0) {
      const outer = pending.pop()
      if (outer === undefined) return offset === end ? null : 'bytes follow the payload'
      missing = outer
    }
    if (offset >= end) return 'the payload is cut short'
    if (++values > MAXIMUM_PAYLOAD_VALUES) return 'the payload holds too many values'
    missing--
    const token = payload[offset++] as number
    let children = 0
    if (token <= 0x7f || token >= 0xe0) {
      continue
    } else if (token <= 0x8f) {
      children = (token & 0x0f) * 2
    } else if (token <= 0x9f) {
      children = token & 0x0f
    } else if (token <= 0xbf) {
      offset += token & 0x1f
    } else {
      const form = FORMS[token - 0xc0] as Form
      if (form.kind === 'refused') return `type 0x${token.toString(16)} is not allowed in a payload`
      if (form.kind === 'fixed') {
        offset += form.bytes
      } else {
        if (offset + form.bytes > end) return 'the payload is cut short'
        let count = 0
        for (let index = 0; index < form.bytes; index++) count = count * 256 + (payload[offset++] as number)
        if (form.kind === 'bytes') offset += count
        else children = form.kind === 'map' ? count * 2 : count
      }
    }
    if (offset > end) return 'the payload is cut short'
    if (children > 0) {
      if (children > end - offset) return 'the payload is cut short'
      if (pending.length >= MAXIMUM_PAYLOAD_DEPTH) return 'the payload is nested too deeply'
      pending.push(missing)
      missing = children
    }
  }
}

/** `bytes` of the value itself for `fixed`, of the length or count that precedes it for the rest. */
interface Form {
  readonly kind: 'fixed' | 'bytes' | 'array' | 'map' | 'refused'
  readonly bytes: number
}

const fixed = (bytes: number): Form => ({ kind: 'fixed', bytes })
const counted = (kind: 'bytes' | 'array' | 'map', bytes: number): Form => ({ kind, bytes })
const refused: Form = { kind: 'refused', bytes: 0 }

/** By token, from 0xc0 to 0xdf. */
const FORMS: readonly Form[] = [
  ...[fixed(0), refused, fixed(0), fixed(0)], // nil, never used, false, true
  ...[counted('bytes', 1), counted('bytes', 2), counted('bytes', 4)], // bin
  ...[refused, refused, refused], // ext
  ...[fixed(4), fixed(8)], // float
  ...[fixed(1), fixed(2), fixed(4), refused], // uint; 64 bits become BigInt, which no message has
  ...[fixed(1), fixed(2), fixed(4), refused], // int
  ...[refused, refused, refused, refused, refused], // fixext
  ...[counted('bytes', 1), counted('bytes', 2), counted('bytes', 4)], // str
  ...[counted('array', 2), counted('array', 4), counted('map', 2), counted('map', 4)],
]
