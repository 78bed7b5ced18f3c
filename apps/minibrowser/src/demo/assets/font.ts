// A TrueType font of six glyphs, put together here: five bars of growing length for the layers, and a space.
// Listed by media.ts. OpenType specification, the tables a font cannot do without.

const UNITS_PER_EM = 1000
const ADVANCE = 1000
/** Code points of the bars: U+E001 to U+E005, in the private use area; the space is U+0020. */
const FIRST_BAR = 0xe001
const BARS = 5
/** .notdef, space, then the bars. */
const GLYPHS = 2 + BARS
const CHECKSUM_MAGIC = 0xb1b0afba

type Rectangle = readonly [left: number, bottom: number, right: number, top: number]

/** The font file, 'Demo Layers'. */
export function layersFont(): Buffer {
  const outlines: (Rectangle | null)[] = [[100, 0, 900, 700], null]
  for (let bar = 1; bar <= BARS; bar++) outlines.push([50, 200, 50 + bar * 180, 500])
  const glyphs = outlines.map((rectangle) => (rectangle ? glyph(rectangle) : Buffer.alloc(0)))
  const offsets = [0]
  for (const data of glyphs) offsets.push((offsets.at(-1) ?? 0) + data.length)
  return assemble({
    'OS/2': os2(),
    cmap: cmap(),
    glyf: Buffer.concat(glyphs),
    head: head(),
    hhea: int16s(1, 0, 800, -200, 0, ADVANCE, 0, 0, 1000, 1, 0, 0, 0, 0, 0, 0, 0, GLYPHS),
    hmtx: int16s(...outlines.flatMap((rectangle) => [ADVANCE, rectangle?.[0] ?? 0])),
    loca: int16s(...offsets.map((offset) => offset / 2)),
    maxp: int16s(1, 0, GLYPHS, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    name: name(),
    post: Buffer.concat([int16s(3, 0, 0, 0, -100, 50, 0, 0), Buffer.alloc(16)]),
  })
}

/** Big-endian 16-bit words, signed or not. */
function int16s(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, at) => bytes.writeUInt16BE(value & 0xffff, at * 2))
  return bytes
}

/** One contour of four points that lie on the curve, clockwise, as differences from point to point. */
function glyph([left, bottom, right, top]: Rectangle): Buffer {
  const head = int16s(1, left, bottom, right, top, 3, 0)
  const flags = Buffer.from([1, 1, 1, 1])
  const data = Buffer.concat([
    head,
    flags,
    int16s(left, 0, right - left, 0),
    int16s(bottom, top - bottom, 0, bottom - top),
  ])
  return data.length % 4 === 0 ? data : Buffer.concat([data, Buffer.alloc(4 - (data.length % 4))])
}

/** Format 4: one segment for the space, one for the bars, and the closing one. */
function cmap(): Buffer {
  const lastBar = FIRST_BAR + BARS - 1
  const segments = [
    { start: 0x20, end: 0x20, delta: 1 - 0x20 },
    { start: FIRST_BAR, end: lastBar, delta: 2 - FIRST_BAR },
    { start: 0xffff, end: 0xffff, delta: 1 },
  ]
  const words = [
    ...segments.map(({ end }) => end),
    0,
    ...segments.map(({ start }) => start),
    ...segments.map(({ delta }) => delta),
    ...segments.map(() => 0),
  ]
  const length = 14 + words.length * 2
  return int16s(0, 1, 3, 1, 0, 12, 4, length, 0, segments.length * 2, 4, 1, 2, ...words)
}

function head(): Buffer {
  const table = Buffer.alloc(54)
  table.writeUInt32BE(0x00010000, 0)
  table.writeUInt32BE(0x00010000, 4)
  table.writeUInt32BE(0x5f0f3cf5, 12)
  table.writeUInt16BE(0x000b, 16)
  table.writeUInt16BE(UNITS_PER_EM, 18)
  // Dates are left at the epoch of 1904, so that the same code gives the same bytes.
  int16s(50, 0, 950, 700, 0, 8, 2, 0, 0).copy(table, 36)
  return table
}

function os2(): Buffer {
  const table = Buffer.alloc(96)
  int16s(4, ADVANCE, 400, 5, 0, 650, 600, 0, 75, 650, 600, 0, 350, 50, 300, 0).copy(table, 0)
  table.write('DEMO', 58, 'latin1')
  int16s(0x40, 0x20, FIRST_BAR + BARS - 1, 800, -200, 0, 800, 200).copy(table, 62)
  int16s(500, 700, 0, 0x20, 1).copy(table, 86)
  return table
}

/** Family, style, full and PostScript name, for Windows in English. */
function name(): Buffer {
  const texts: readonly (readonly [id: number, text: string])[] = [
    [1, 'Demo Layers'],
    [2, 'Regular'],
    [3, 'Demo Layers 1'],
    [4, 'Demo Layers'],
    [6, 'DemoLayers'],
  ]
  const records: number[] = []
  const strings: Buffer[] = []
  let offset = 0
  for (const [id, text] of texts) {
    const bytes = Buffer.from(text, 'utf16le').swap16()
    records.push(3, 1, 0x409, id, bytes.length, offset)
    strings.push(bytes)
    offset += bytes.length
  }
  return Buffer.concat([int16s(0, texts.length, 6 + texts.length * 12, ...records), ...strings])
}

/** The table directory and the tables, each on a multiple of four bytes, with the checksums they need. */
function assemble(tables: Readonly<Record<string, Buffer>>): Buffer {
  const names = Object.keys(tables).sort()
  const power = 2 ** Math.floor(Math.log2(names.length))
  const directory = Buffer.alloc(12 + names.length * 16)
  directory.writeUInt32BE(0x00010000, 0)
  int16s(names.length, power * 16, Math.log2(power), (names.length - power) * 16).copy(directory, 4)
  const parts = [directory]
  let offset = directory.length
  let headOffset = 0
  names.forEach((tag, at) => {
    const table = tables[tag] ?? Buffer.alloc(0)
    const padded = Buffer.concat([table, Buffer.alloc((4 - (table.length % 4)) % 4)])
    const entry = 12 + at * 16
    directory.write(tag.padEnd(4), entry, 'latin1')
    directory.writeUInt32BE(checksum(padded), entry + 4)
    directory.writeUInt32BE(offset, entry + 8)
    directory.writeUInt32BE(table.length, entry + 12)
    if (tag === 'head') headOffset = offset
    parts.push(padded)
    offset += padded.length
  })
  const font = Buffer.concat(parts)
  font.writeUInt32BE((CHECKSUM_MAGIC - checksum(font)) >>> 0, headOffset + 8)
  return font
}

function checksum(padded: Buffer): number {
  let sum = 0
  for (let at = 0; at < padded.length; at += 4) sum = (sum + padded.readUInt32BE(at)) >>> 0
  return sum
}
