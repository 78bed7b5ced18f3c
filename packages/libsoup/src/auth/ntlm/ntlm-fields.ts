// The length-and-offset fields that NTLM messages name their parts with. MS-NLMP section 2.2.1.

import { NtlmError } from './ntlm-error.ts'

export const NTLM_SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1')
export const FIELD_BYTES = 8

/**
 * The bytes that the field at `at` stands for.
 *
 * @throws {NtlmError} When they are not inside of `message`, or inside of its fixed part.
 */
export function readField(message: Buffer, at: number, fixedBytes: number): Buffer {
  const length = message.readUInt16LE(at)
  if (length === 0) return Buffer.alloc(0) // and its offset may be anything
  const offset = message.readUInt32LE(at + 4)
  if (offset < fixedBytes || offset > message.length || length > message.length - offset) {
    throw new NtlmError('A field of the NTLM challenge points outside of it.')
  }
  return message.subarray(offset, offset + length)
}

/** Writes the field at `at`: `length` bytes at `offset`. */
export function writeField(message: Buffer, at: number, length: number, offset: number): void {
  message.writeUInt16LE(length, at)
  message.writeUInt16LE(length, at + 2)
  message.writeUInt32LE(offset, at + 4)
}
