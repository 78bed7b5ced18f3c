import { crc32, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { demoAssets } from '../src/demo/assets/index.ts'

function bytes(path: string): Buffer {
  const asset = demoAssets().find((candidate) => candidate.path === path)
  if (!asset) throw new Error(`The demo site has nothing at ${path}`)
  return Buffer.from(asset.body)
}

/** Reads a PNG to its last pixel: every chunk's checksum, and as many bytes of rows as its size asks for. */
function pngSize(file: Buffer): string {
  expect(file.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  const data: Buffer[] = []
  let width = 0
  let height = 0
  let type = ''
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at)
    const typed = file.subarray(at + 4, at + 8 + length)
    type = typed.toString('latin1', 0, 4)
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(typed))
    if (type === 'IHDR') [width, height] = [typed.readUInt32BE(4), typed.readUInt32BE(8)]
    if (type === 'IDAT') data.push(typed.subarray(4))
    at += length + 12
  }
  expect(type).toBe('IEND')
  expect(inflateSync(Buffer.concat(data)).length).toBe(height * (1 + 3 * width))
  return `${width}x${height}`
}

/** The size in a baseline JPEG's frame header, the file being whole from its first marker to its last. */
function jpegSize(file: Buffer): string {
  expect(file.readUInt16BE(0)).toBe(0xffd8)
  expect(file.readUInt16BE(file.length - 2)).toBe(0xffd9)
  let at = 2
  while (file.readUInt16BE(at) !== 0xffc0) at += 2 + file.readUInt16BE(at + 2)
  return `${file.readUInt16BE(at + 7)}x${file.readUInt16BE(at + 5)}`
}

describe('the assets of the demo site', () => {
  test('are more than thirty, each at a path of its own', () => {
    const paths = demoAssets().map(({ path }) => path)
    expect(paths.length).toBeGreaterThan(30)
    expect(new Set(paths).size).toBe(paths.length)
  })

  test('are the same every time they are made', () => {
    const [first, second] = [demoAssets(), demoAssets()]
    expect(first.every(({ body }, at) => Buffer.from(body).equals(Buffer.from(second[at]?.body ?? '')))).toBe(true)
  })

  test.each([
    ['/images/waterfall.png', '320x120'],
    ['/images/paper.png', '64x64'],
    ['/images/large.png', '256x256'],
    ['/images/touch-icon.png', '180x180'],
  ])('has a whole PNG at %s of %s', (path, size) => {
    expect(pngSize(bytes(path))).toBe(size)
  })

  test.each([
    ['/images/gradient.jpg', '96x96'],
    ['/media/poster.jpg', '240x135'],
  ])('has a JPEG at %s of %s', (path, size) => {
    expect(jpegSize(bytes(path))).toBe(size)
  })

  test('has a lossy WebP of 96 × 96', () => {
    const file = bytes('/images/gradient.webp')
    expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16)).toBe('RIFFWEBPVP8 ')
    expect(file.readUInt32LE(4)).toBe(file.length - 8)
    expect([file.readUInt16LE(26) & 0x3fff, file.readUInt16LE(28) & 0x3fff]).toEqual([96, 96])
  })

  test('has a GIF of one pixel', () => {
    const file = bytes('/images/dot.gif')
    expect(file.toString('latin1', 0, 6)).toBe('GIF89a')
    expect([file.readUInt16LE(6), file.readUInt16LE(8), file.at(-1)]).toEqual([1, 1, 0x3b])
  })

  test('has an icon of 32 × 32 around a PNG of that size', () => {
    const file = bytes('/favicon.ico')
    expect([file.readUInt16LE(2), file.readUInt16LE(4), file[6], file[7]]).toEqual([1, 1, 32, 32])
    const [length, offset] = [file.readUInt32LE(14), file.readUInt32LE(18)]
    expect(offset + length).toBe(file.length)
    expect(pngSize(file.subarray(offset))).toBe('32x32')
  })

  test('has a TrueType font whose tables are whole', () => {
    const file = bytes('/fonts/layers.ttf')
    const count = file.readUInt16BE(4)
    const tags: string[] = []
    for (let at = 12; at < 12 + count * 16; at += 16) {
      tags.push(file.toString('latin1', at, at + 4))
      expect(file.readUInt32BE(at + 8) + file.readUInt32BE(at + 12)).toBeLessThanOrEqual(file.length)
    }
    expect(tags).toEqual(['OS/2', 'cmap', 'glyf', 'head', 'hhea', 'hmtx', 'loca', 'maxp', 'name', 'post'])
    let sum = 0
    for (let at = 0; at < file.length; at += 4) sum = (sum + file.readUInt32BE(at)) >>> 0
    expect(sum).toBe(0xb1b0afba)
  })

  test('has a WAV file as long as it says', () => {
    const file = bytes('/media/tone.wav')
    expect(file.toString('latin1', 0, 4)).toBe('RIFF')
    expect(file.readUInt32LE(4) + 8).toBe(file.length)
    expect(file.readUInt32LE(40) + 44).toBe(file.length)
  })

  test.each(
    demoAssets()
      .filter(({ contentType }) => contentType === 'image/svg+xml')
      .map(({ path }) => path),
  )('has a drawing with a size at %s', (path) => {
    expect(bytes(path).toString()).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+"[^]*<\/svg>\n$/,
    )
  })

  test('has a manifest that names an icon of the site', () => {
    const manifest = JSON.parse(bytes('/site.webmanifest').toString()) as { icons: { src: string }[] }
    expect(bytes(manifest.icons[0]?.src ?? '').length).toBeGreaterThan(0)
  })
})
