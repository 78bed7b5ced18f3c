// The file of one stored response: a prelude, the head as JSON and, when it is short, the body. It says by itself whose
// response it is and whether it is whole, so that no index has to be trusted. Read and written by DiskStore.
//
//     8 bytes "WPESOUP1" · 4 bytes length of the head · 4 bytes CRC-32 of the head · the head · the body, if it is inline

import { crc32 } from 'node:zlib'
import { isToken } from '../headers/header-params.ts'
import { StoredHead } from './stored-head.ts'
import type { StoredHeadData, VaryingField } from './stored-head.ts'

/** Longest head taken from a file; a header section from the wire is a quarter of it. */
const MAX_HEAD_BYTES = 1024 * 1024

const MAGIC = Buffer.from('WPESOUP1')
const PRELUDE_BYTES = 16

/** Where the body is and what it must be like. */
export interface EntryBody {
  readonly length: number
  readonly crc: number
  /** Part of the name of the file it has to itself, or null when it is `inline`. */
  readonly id: string | null
  readonly inline: Buffer | null
}

export interface EntryFile {
  readonly head: StoredHead
  readonly body: EntryBody
}

export function formatEntry({ head, body }: EntryFile): Buffer {
  const { length, crc, id, inline } = body
  const text = Buffer.from(JSON.stringify({ ...head.data, length, crc, id }))
  const prelude = Buffer.alloc(PRELUDE_BYTES)
  MAGIC.copy(prelude)
  prelude.writeUInt32LE(text.length, 8)
  prelude.writeUInt32LE(crc32(text), 12)
  return Buffer.concat(inline === null ? [prelude, text] : [prelude, text, inline])
}

/** Null when the file is not whole, damaged, or not one of these. */
export function parseEntry(file: Buffer): EntryFile | null {
  if (file.length < PRELUDE_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) return null
  const headLength = file.readUInt32LE(8)
  const headEnd = PRELUDE_BYTES + headLength
  if (headLength > MAX_HEAD_BYTES || headEnd > file.length) return null
  const text = file.subarray(PRELUDE_BYTES, headEnd)
  if (crc32(text) !== file.readUInt32LE(12)) return null
  const value = parseJson(text)
  if (!isHeadData(value) || !isBodyData(value)) return null
  const { length, crc, id } = value
  const inline = id === null ? file.subarray(headEnd) : null
  if (inline === null ? file.length !== headEnd : inline.length !== length || crc32(inline) !== crc) return null
  const { key, varying, statusCode, reasonPhrase, fields, requestTime, responseTime } = value
  const head = new StoredHead({ key, varying, statusCode, reasonPhrase, fields, requestTime, responseTime })
  return { head, body: { length, crc, id, inline } }
}

/** Names of body files: what a damaged file could make of one must not lead elsewhere. */
export function isBodyId(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9a-f]{16}$/.test(id)
}

function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString())
  } catch {
    return null // the checksum is right, so that somebody else wrote this; it is no entry
  }
}

function isHeadData(value: unknown): value is StoredHeadData {
  if (typeof value !== 'object' || value === null) return false
  const data = value as Partial<Record<keyof StoredHeadData, unknown>>
  return (
    typeof data.key === 'string' &&
    Array.isArray(data.varying) &&
    data.varying.every(isVaryingField) &&
    typeof data.statusCode === 'number' &&
    typeof data.reasonPhrase === 'string' &&
    isFieldList(data.fields) &&
    typeof data.requestTime === 'number' &&
    typeof data.responseTime === 'number'
  )
}

function isBodyData(value: object): value is { length: number; crc: number; id: string | null } {
  const { length, crc, id } = value as { length?: unknown; crc?: unknown; id?: unknown }
  return (
    Number.isSafeInteger(length) && (length as number) >= 0 && typeof crc === 'number' && (id === null || isBodyId(id))
  )
}

function isVaryingField(field: unknown): field is VaryingField {
  if (!Array.isArray(field) || field.length !== 2) return false
  return typeof field[0] === 'string' && (field[1] === null || typeof field[1] === 'string')
}

function isFieldList(fields: unknown): fields is string[] {
  if (!Array.isArray(fields) || fields.length % 2 !== 0) return false
  return fields.every((text, i) => typeof text === 'string' && (i % 2 === 1 || isToken(text)))
}
