// The text of a page as the terminal shows it.

import { describe, expect, it } from 'vitest'
import { documentText } from '../src/web-process/document-text.ts'

const textOf = (html: string, columns = 80): string => documentText(html, 'http://a.test/', columns)

describe('the text of a page', () => {
  it('is wrapped at the width asked for, without spaces at the ends of lines', () => {
    const lines = textOf(`<ul><li><h3>Item</h3><p>${'some words '.repeat(40)}</ul>`, 40).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40)
    expect(lines.filter((line) => line.endsWith(' '))).toEqual([])
  })

  it('keeps the bullet of an item beside its first words when a picture stands before them', () => {
    expect(
      textOf('<ul><li><figure><svg></svg><p>&#xe001;</p><figcaption><h3>Font</h3><p>x</figcaption></figure><li>B</ul>'),
    ).toMatch(/^ \* Font\n\n {3}x\n[^]*\n \* B$/)
    expect(textOf('<ul><li><li><ul><li>inner</ul></ul>')).toContain('* inner')
  })

  it('says with an ellipsis that it was cut', () => {
    expect(textOf('<p>x</p>'.repeat(20_000))).toMatch(/x\n\n…$/)
  })
})
