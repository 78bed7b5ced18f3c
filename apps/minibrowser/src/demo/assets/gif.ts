// The smallest GIF there is: one pixel of one colour.
// Called by images.ts. GIF89a specification, sections 18 to 22.

import type { Rgb } from './png.ts'

/** A GIF of 1 × 1 pixel. */
export function gif(colour: Rgb): Buffer {
  return Buffer.concat([
    Buffer.from('GIF89a', 'latin1'),
    // Screen of 1 × 1 with a colour table of two entries.
    Buffer.from([1, 0, 1, 0, 0x80, 0, 0]),
    Buffer.from([...colour, 0, 0, 0]),
    // An image that fills the screen.
    Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0]),
    // Codes of 3 bits, lowest first: clear (4), colour 0, end (5); then no more data, and the trailer.
    Buffer.from([2, 2, 0x44, 0x01, 0, 0x3b]),
  ])
}
