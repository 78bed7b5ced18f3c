// The frame every message travels in: sixteen bytes of header in network byte order, then the payload.
//
//   0        4        6        8            12        16
//   | length | message | flags  | destination | reply   | payload …
//
// `length` counts the payload only. `destination` names the load (or whatever the receiver keeps many of), 0 for the receiver
// itself. `reply` joins an answer to its question, 0 when there is none to give. Upstream: WebKit/Platform/IPC/Encoder.h.

/** Bytes before the payload. */
export const FRAME_HEADER_BYTES = 16

/** Bits of the flags field; any other bit makes the frame invalid. */
export const FrameFlag = {
  /** The sender waits for an answer. */
  WANTS_REPLY: 1,
  /** This is the answer. */
  IS_REPLY: 2,
} as const

/** The fields of a header. */
export interface FrameHeader {
  length: number
  message: number
  flags: number
  destination: number
  reply: number
}

/** Writes `header` at the start of `target`. */
export function writeFrameHeader(
  target: Uint8Array,
  length: number,
  message: number,
  flags: number,
  destination: number,
  reply: number,
): void {
  target[0] = length >>> 24
  target[1] = length >>> 16
  target[2] = length >>> 8
  target[3] = length
  target[4] = message >>> 8
  target[5] = message
  target[6] = flags >>> 8
  target[7] = flags
  target[8] = destination >>> 24
  target[9] = destination >>> 16
  target[10] = destination >>> 8
  target[11] = destination
  target[12] = reply >>> 24
  target[13] = reply >>> 16
  target[14] = reply >>> 8
  target[15] = reply
}

/** Reads the header that starts at `offset` of `source` into `header`; sixteen bytes must be there. */
export function readFrameHeader(source: Uint8Array, offset: number, header: FrameHeader): void {
  header.length = uint32(source, offset)
  header.message = uint16(source, offset + 4)
  header.flags = uint16(source, offset + 6)
  header.destination = uint32(source, offset + 8)
  header.reply = uint32(source, offset + 12)
}

function uint16(source: Uint8Array, offset: number): number {
  return ((source[offset] as number) << 8) | (source[offset + 1] as number)
}

function uint32(source: Uint8Array, offset: number): number {
  return ((uint16(source, offset) << 16) | uint16(source, offset + 2)) >>> 0
}
