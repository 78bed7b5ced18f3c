import { expect, it } from 'vitest'
import { parseCSSSubresources } from '../src/css/css-subresource-parser.ts'
import { evaluateMediaQueryList } from '../src/css/media-query-evaluator.ts'
import { DEFAULT_VIEWPORT as viewport } from '../src/page/settings.ts'

const found = (css: string, declarationsOnly = false): string[] =>
  parseCSSSubresources(css, { viewport, declarationsOnly }).map(({ kind, url }) => `${kind} ${url}`)

it.each([
  ['an import as a string', '@import "a.css";', ['import a.css']],
  ['an import as a url()', '@import url(a.css) screen;', ['import a.css']],
  ['an import as a quoted url()', "@import url('a.css') layer(x) supports(display: grid) (min-width: 1px);", ['import a.css']],
  ['imports after @charset and @layer', '@charset "utf-8"; @layer a, b; @import "a.css"; /* c */ @import "b.css"', ['import a.css', 'import b.css']],
  ['no import after a rule', 'p { color: red } @import "a.css";', []],
  ['no import after another at-rule', '@font-face { src: url(a.woff) } @import "a.css";', ['font a.woff']],
  ['no import inside a block', '@media screen { @import "a.css"; }', []],
  ['only the first string of an import', '@import "a.css" supports(content: "b.css");', ['import a.css']],
  ['url() in any property', 'a { background: red url(a.png) no-repeat, URL("b.png"); cursor: url(c.cur), auto; --x: url(d.png) }', ['image a.png', 'image b.png', 'image c.cur', 'image d.png']],
  ['escapes', 'a { background: url(a\\20 b.png); mask: url("c\\"d.png") }', ['image a b.png', 'image c"d.png']],
  ['image-set with and without url()', 'a { background: image-set("a.png" 1x, url(b.png) 2x type("image/png")) }', ['image a.png', 'image b.png']],
  ['nothing in comments, strings and selectors', '/* url(a) */ a[href="url(b)"]::after { content: "url(c)" } [x=url] {}', []],
  ['no fragment and nothing empty', 'a { filter: url(#f); fill: url("#g"); background: url(), url("") }', []],
  ['a nested rule', 'a { & b { background: url(a.png) } }', ['image a.png']],
  ['blocks for this screen', '@media (min-width: 600px) { a { background: url(a.png) } } @media print { a { background: url(b.png) } } b { background: url(c.png) }', ['image a.png', 'image c.png']],
  ['blocks inside a skipped block', '@media print { @supports (display: grid) { a { background: url(a.png) } @font-face { src: url(b.woff) } } }', []],
  ['the first font that is supported', '@font-face { font-family: x; src: url(a.eot); src: local("X"), url(a.eot?#iefix) format("embedded-opentype"), url(a.woff2) format("woff2"), url(a.woff) format(woff) }', ['font a.woff2']],
  ['a font without a format', '@font-face { src: url("a.ttf") }', ['font a.ttf']],
  ['no font for other alphabets', '@font-face { src: url(a.woff2); unicode-range: U+0460-052F, U+1C80-1C8A } @font-face { src: url(b.woff2); unicode-range: U+0000-00FF, U+0131 }', ['font b.woff2']],
  ['what an unclosed block holds', '@font-face { src: url(a.woff2)', ['font a.woff2']],
  ['what an unclosed url() holds', 'a { background: url(a.png', ['image a.png']],
])('a style sheet loads %s', (_what, css, expected) => {
  expect(found(css)).toEqual(expected)
}) // prettier-ignore

it('a style attribute has declarations and no imports', () => {
  expect(found('@import "a.css"; background: url(b.png); list-style: url("c.png")', true)).toEqual([
    'image b.png',
    'image c.png',
  ])
})

it.each([
  ['', true],
  ['all', true],
  ['screen', true],
  ['print', false],
  ['not print', true],
  ['only screen and (min-width: 600px)', true],
  ['screen and (max-width: 600px)', false],
  ['print, (min-width: 10em)', true],
  ['(400px <= width)', false],
  ['(width >= 400px)', true],
  ['(min-width: 400px) and (max-width: 500px)', false],
  ['(orientation: landscape)', true],
  ['(prefers-color-scheme: dark)', false],
  ['(min-resolution: 2dppx)', false],
  ['(-webkit-min-device-pixel-ratio: 2)', false],
  ['(max-resolution: 96dpi)', true],
  ['(hover)', true],
  ['(no-such-feature: 1)', false],
])('the media query %o on a screen of 1280 by 720 is %o', (query, expected) => {
  expect(evaluateMediaQueryList(query, viewport)).toBe(expected)
})
