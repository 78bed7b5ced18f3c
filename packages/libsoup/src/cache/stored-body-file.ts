// The body of a stored response in a file of its own: checked, and read. Called by DiskStore.

import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import type { Range } from '../headers/ranges.ts'
import { openIfThere } from './disk-directory.ts'
import type { EntryBody } from './entry-file.ts'

const PIECE_BYTES = 64 * 1024

/**
 * Null when the file is missing or is not what was written. The whole of it is read for its checksum unless it is
 * `verified`, so that a damaged body is found out before its reader has got some of it.
 */
export async function openBodyFile(
  path: string,
  body: EntryBody,
  part: Range | null,
  verified: boolean,
): Promise<Readable | null> {
  const handle = await openIfThere(path)
  if (handle === null) return null
  try {
    const whole = (await handle.stat()).size === body.length && (verified || (await checksum(handle)) === body.crc)
    if (whole) {
      const end = part?.end ?? body.length - 1
      return handle.createReadStream({ start: part?.start ?? 0, end, highWaterMark: PIECE_BYTES })
    }
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  return null
}

async function checksum(handle: FileHandle): Promise<number> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES)
  let crc = 0
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, at)
    if (bytesRead === 0) return crc
    crc = crc32(piece.subarray(0, bytesRead), crc)
    at += bytesRead
  }
}
