// Wraps a PNG as an icon file, which is all an icon with one picture is.
// Called by images.ts.

/** An ICO file with one picture of `size` × `size` pixels, at most 256. */
export function ico(picture: Buffer, size: number): Buffer {
  const directory = Buffer.alloc(22)
  directory.writeUInt16LE(1, 2) // icons, not cursors
  directory.writeUInt16LE(1, 4) // one of them
  directory[6] = size & 255
  directory[7] = size & 255
  directory.writeUInt16LE(1, 10) // colour planes
  directory.writeUInt16LE(24, 12) // bits per pixel
  directory.writeUInt32LE(picture.length, 14)
  directory.writeUInt32LE(directory.length, 18)
  return Buffer.concat([directory, picture])
}
