import { describe, expect, it } from 'vitest'
import { Document } from '../src/dom/document.ts'
import { HTMLDocumentParser, MAX_ELEMENTS } from '../src/html/parser/html-document-parser.ts'
import { DEFAULT_VIEWPORT } from '../src/page/settings.ts'

function parse(html: string): { document: Document; found: string[]; titles: string[] } {
  const document = new Document('https://a.test/', 'text/html', 'html')
  const found: string[] = []
  const titles: string[] = []
  const parser = new HTMLDocumentParser(document, DEFAULT_VIEWPORT, {
    didDiscoverSubresource: ({ url }) => found.push(url),
    didReceiveTitle: (title) => titles.push(title),
  })
  parser.append(html)
  parser.finish()
  return { document, found, titles }
}

it('the title is the first one of the document, not of an SVG or a template', () => {
  const html =
    '<template><title>t</title></template><body><svg><title>s</title></svg><title> a\n b </title><title>c</title>'
  expect(parse(html)).toMatchObject({ titles: ['a b'], document: { title: 'a b' } })
})

it('the tree is parse5’s', () => {
  const { document } = parse('<p>x')
  expect(document.tree?.childNodes.map((node) => node.nodeName)).toEqual(['html'])
})

it('parsing stops at the limit of elements, and what came before counts', () => {
  const { found } = parse(`<img src=a.png>${'<i>'.repeat(MAX_ELEMENTS)}<img src=b.png>`)
  expect(found).toEqual(['https://a.test/a.png'])
})

describe('a page made to be slow is parsed in time proportional to its length:', () => {
  it.each([
    ['deep nesting', '<div>'.repeat(200_000)],
    ['style elements far down', '<div>'.repeat(50_000) + '<style></style>'.repeat(50_000)],
    ['style elements far down in a template', `<template>${'<div>'.repeat(50_000)}${'<style></style>'.repeat(50_000)}`],
    ['images after many sources', `<picture>${'<source>'.repeat(30_000)}${'<img src=a>'.repeat(30_000)}`],
    ['foster parenting', `<table>${'<a>x'.repeat(100_000)}`],
    [
      'formatting elements that are all different',
      Array.from({ length: 50_000 }, (_, n) => `<b id=${n}>`).join('') + '<p>x'.repeat(5_000),
    ],
    ['attributes', `<p ${Array.from({ length: 100_000 }, (_, n) => `a${n}`).join(' ')}>`],
    ['one attribute', `<p title="${'x'.repeat(1_000_000)}">`],
    ['one comment', `<!--${'x'.repeat(1_000_000)}`],
  ])('%s', (_what, html) => {
    const started = performance.now()
    parse(html)
    expect(performance.now() - started).toBeLessThan(4000)
  })
})
