import { describe, expect, it } from 'vitest'
import {
  bestFitSourceForImageAttributes,
  parseSrcset,
  sourceSizeInPixels,
} from '../src/html/parser/html-srcset-parser.ts'
import { prescanForCharset } from '../src/html/parser/html-meta-charset-parser.ts'
import { TextResourceDecoder } from '../src/loader/text-resource-decoder.ts'
import { DEFAULT_VIEWPORT as viewport } from '../src/page/settings.ts'

describe('srcset', () => {
  it.each([
    [
      'a 1x, b 2x',
      [
        ['a', 1, null],
        ['b', 2, null],
      ],
    ],
    [
      'a, b',
      [
        ['a', null, null],
        ['b', null, null],
      ],
    ],
    ['a,b 2x', [['a,b', 2, null]]],
    [
      'a 100w 50h, b 200w',
      [
        ['a', null, 100],
        ['b', null, 200],
      ],
    ],
    ['data:,x 1x', [['data:,x', 1, null]]],
    ['a 1x 2x, b 0w, c -1x, d 1w 1x, e foo, f 1.5x', [['f', 1.5, null]]],
    [' , ,', []],
    ['a (b, c) 1x, d', [['d', null, null]]],
  ])('%j', (attribute, expected) => {
    expect(parseSrcset(attribute).map(({ url, density, width }) => [url, density, width])).toEqual(expected)
  })

  it.each([
    ['src.png', null, null, 1, 'src.png'],
    ['src.png', 'b 2x', null, 1, 'src.png'],
    ['src.png', 'b 2x', null, 2, 'b'],
    ['src.png', 'b 2x', null, 3, 'b'],
    [null, 'a 3x, b 2x', null, 1, 'b'],
    [null, 'a 640w, b 1280w, c 2560w', null, 1, 'b'],
    [null, 'a 640w, b 1280w, c 2560w', '50vw', 1, 'a'],
    [null, 'a 640w, b 1280w, c 2560w', '(max-width: 100px) 10px, 50vw', 2, 'b'],
    ['', null, null, 1, null],
    [null, '', null, 1, null],
  ])('src %j, srcset %j and sizes %j at %dx load %j', (src, srcset, sizes, deviceScaleFactor, expected) => {
    expect(bestFitSourceForImageAttributes(src, srcset, sizes, { ...viewport, deviceScaleFactor })).toBe(expected)
  })

  it.each([
    [null, 1280],
    ['300px', 300],
    ['20em', 320],
    ['(min-width: 600px) 25vw, 100vw', 320],
    ['(max-width: 600px) 25vw, 600px', 600],
    ['calc(100vw - 10px), 50vw', 640],
    ['nonsense', 1280],
  ])('sizes %j is %d pixels on a screen of 1280', (sizes, expected) => {
    expect(sourceSizeInPixels(sizes, viewport)).toBe(expected)
  })
})

describe('the encoding of a document', () => {
  const encode = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

  it.each([
    ['<meta charset=utf-8>', 'utf-8'],
    ['<META CharSet = "Shift_JIS" />', 'shift_jis'],
    ["<meta content='text/html; charset=koi8-r' http-equiv=Content-Type>", 'koi8-r'],
    ['<!-- <meta charset=no> --><meta charset=yes>', 'yes'],
    ['<p title="<meta charset=no>"><meta charset=yes>', 'yes'],
    ['<metaphor charset=no>', null],
    ['<meta name=x content="charset=no">', null],
    ['<meta charset=cut', null],
    ['<meta charset="cut', null],
    [`${' '.repeat(1024)}<meta charset=late>`, null],
  ])('is prescanned in %j', (text, expected) => {
    const found = prescanForCharset(encode(text))
    expect(found === 'not-found' ? null : found.label).toBe(expected)
  })

  const decoded = (bytes: Uint8Array, httpCharset: string, contentKind: 'html' | 'css' | 'plain' = 'html') => {
    const decoder = new TextResourceDecoder({ contentKind, httpCharset, fallback: 'windows-1252' })
    const text = decoder.decode(bytes) + decoder.flush()
    return [decoder.encoding, text]
  }

  it('is told by a byte order mark before the field, by the field before the document, else by the fallback', () => {
    expect(decoded(encode('\xef\xbb\xbf\xc3\xa9'), 'koi8-r')).toEqual(['utf-8', 'é'])
    expect(decoded(encode('<meta charset=koi8-r>\xc3\xa9'), 'utf-8')).toEqual(['utf-8', '<meta charset=koi8-r>é'])
    expect(decoded(encode('<meta charset=utf-16>\xc3\xa9'), 'bogus')).toEqual(['utf-8', '<meta charset=utf-16>é'])
    expect(decoded(encode('\xe9\x80'), '')).toEqual(['windows-1252', 'é€'])
    expect(decoded(encode(''), '')).toEqual(['windows-1252', ''])
    expect(decoded(encode('\xff\xfea\x00'), '')).toEqual(['utf-16le', 'a'])
  })

  it('of a sheet is told by @charset at its very start', () => {
    expect(decoded(encode('@charset "utf-8";\xc3\xa9'), '', 'css')).toEqual(['utf-8', '@charset "utf-8";é'])
    expect(decoded(encode(' @charset "utf-8";\xe9'), '', 'css')).toEqual(['windows-1252', ' @charset "utf-8";é'])
  })

  it('is known after the first bytes when nothing more can change it', () => {
    const decoder = new TextResourceDecoder({ contentKind: 'html', httpCharset: 'utf-8', fallback: 'utf-8' })
    expect(decoder.decode(encode('<p'))).toBe('')
    expect(decoder.decode(encode('>'))).toBe('<p>')
  })
})
