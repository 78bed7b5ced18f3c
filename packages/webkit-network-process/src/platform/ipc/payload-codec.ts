// Encodes the arguments of a small message and decodes them again. Called by Connection.
// Upstream: WebKit/Platform/IPC/Encoder.cpp, Decoder.cpp.
import { Packr, RESERVE_START_SPACE, Unpackr } from 'msgpackr/pack'
import { FRAME_HEADER_BYTES } from './frame.ts'
import { payloadFault } from './payload-guard.ts'

const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: true, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true })

/** Encodes `values` and leaves room for the frame header before them. */
export function encodeFrame(values: readonly unknown[]): Buffer {
  return packr.pack(values, RESERVE_START_SPACE | FRAME_HEADER_BYTES)
}

export type DecodedPayload = { readonly value: unknown } | { readonly fault: string }

/** Decodes `payload`, which may be hostile: whatever is wrong with it comes back as a sentence. */
export function decodePayload(payload: Buffer): DecodedPayload {
  const fault = payloadFault(payload)
  if (fault) return { fault }
  try {
    return { value: unpackr.unpack(payload) as unknown }
  } catch (error) {
    return { fault: `the payload does not decode: ${error instanceof Error ? error.message : String(error)}` }
  }
}
