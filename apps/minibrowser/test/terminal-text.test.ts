import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { displayWidth, fit, fitKeepingEnd, sanitizeLine, sanitizeText } from '../src/output/terminal-text.ts'

describe('sanitizeText', () => {
  it.each([
    ['colours', 'a\u001b[31mb\u001b[0mc', 'abc'],
    ['a window title', 'a\u001b]0;title\u0007b', 'ab'],
    ['a hyperlink', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['C1 control sequences', 'a\u009b2Jb\u009d0;x\u009cc', 'abc'],
    ['cursor movement and bells', 'a\b\u0007\u001bcb', 'ab'],
    ['bidirectional overrides', 'a\u202eb\u2066c', 'abc'],
    ['an unfinished sequence', 'a\u001b]0;never ends', 'a0;never ends'],
    ['lone surrogates', 'a\ud800b', 'a\ufffdb'],
    ['line ends of all kinds', 'a\r\nb\rc', 'a\nb\nc'],
  ])('takes out %s', (_, text, expected) => {
    expect(sanitizeText(text)).toBe(expected)
  })

  it('leaves nothing a terminal acts on, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // eslint-disable-next-line no-control-regex -- the characters that must be gone
        expect(sanitizeText(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      }),
    )
  })

  it('takes time in proportion to the length of a hostile text', () => {
    const started = performance.now()
    sanitizeText('\u001b]'.repeat(200_000) + '\u0090'.repeat(200_000) + '\u001b['.repeat(200_000))
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('fit', () => {
  it('pads and cuts to exactly the columns asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        expect(displayWidth(fit(sanitizeLine(text), columns))).toBe(columns)
      }),
    )
  })

  it('counts wide characters as two columns', () => {
    expect(displayWidth('日本')).toBe(4)
    expect(fit('日本語', 4)).toBe('日… ')
  })

  it('can keep the end of a name, where names differ', () => {
    expect(fitKeepingEnd('/a/very/long/path/name.css', 16)).toBe('/a/ve…h/name.css')
    expect(displayWidth(fitKeepingEnd('/a/very/long/path/name.css', 16))).toBe(16)
  })
})
