// Writes small RGB pictures as PNG, so that the site's bitmaps are drawn by functions and not kept as files.
// Called by images.ts. W3C PNG specification, sections 5 (structure) and 9 (filtering).

import { crc32, deflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** Colour type 2: red, green and blue, one byte each. */
const TRUECOLOUR = 2

/** Colour of a pixel, each part 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** A PNG of `width` × `height` pixels, each coloured by `paint`. */
export function png(width: number, height: number, paint: (x: number, y: number) => Rgb): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  header[9] = TRUECOLOUR
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y++) {
    // Each row starts with its filter type; 0 leaves the bytes as they are.
    const row = y * (1 + width * 3) + 1
    for (let x = 0; x < width; x++) rows.set(paint(x, y), row + x * 3)
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const whole = Buffer.alloc(typed.length + 8)
  whole.writeUInt32BE(data.length, 0)
  typed.copy(whole, 4)
  whole.writeUInt32BE(crc32(typed), typed.length + 4)
  return whole
}
