import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PAGE, PageHarness } from './load-page.ts'

const DOCUMENTS: Readonly<Record<string, Uint8Array>> = {
  'a page of everything': new TextEncoder()
    .encode(`<!DOCTYPE html>\r\n<html><head><meta charset="utf-8"><title>Ünïcödé 🎉 &amp; more</title>
<base href="/dir/"><link rel="stylesheet" href="s.css?é=🎉"><style>@import 'i.css'; p { background: url( "b.png" ) }</style>
<script>if (a < b) document.write('<img src=no.png>')</script><script src="a.js" async></script></head>
<body background=bg.png><!-- <img src=comment.png> --><p title='<img src=attr.png>'>&lt;img src=entity.png&gt;
<table><tr><td>x<img src=td.png></table><picture><source srcset="w.png 1x, w2.png 2x"><img src=f.png></picture>
<svg><image xlink:href=i.svg /></svg><template><img src=t.png></template><noscript><img src=n.png></noscript>
<textarea><img src=ta.png></textarea><video poster=p.png><source src=v.mp4></video><img loading=lazy src=lazy.png>
<p style="background:url(&quot;q.png&quot;)">&#x1F389;&notin;</body></html>`),
  'a page that declares a multi-byte encoding': new Uint8Array([
    ...new TextEncoder().encode('<head><meta http-equiv=content-type content="text/html; charset=shift_jis"><title>'),
    ...[0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea],
    ...new TextEncoder().encode('</title><img src=a.png>'),
  ]),
  'a page in UTF-16 with a byte order mark': new Uint8Array([
    ...[0xff, 0xfe],
    ...[...'<title>£</title><img src=ä.png>'].flatMap((c) => [c.charCodeAt(0) & 0xff, c.charCodeAt(0) >> 8]),
  ]),
  'a page that declares nothing': new Uint8Array([
    ...new TextEncoder().encode(`<title>`),
    ...[0x80, 0x93, 0xe9],
    ...new TextEncoder().encode(`</title>${'<p>text '.repeat(300)}<img src=a.png>`),
  ]),
}

interface Result {
  subresources: string[]
  title: string | null | undefined
  encoding: string | null | undefined
  source: string | undefined
}

async function load(chunks: readonly Uint8Array[], type: string | null): Promise<Result> {
  const harness = new PageHarness({ [PAGE]: { body: chunks, type } })
  await harness.load(PAGE)
  const document = harness.page.mainFrame.document
  return {
    subresources: harness.subresources,
    title: document?.title,
    encoding: document?.encoding,
    source: document?.source,
  }
}

it.each(Object.entries(DOCUMENTS))('%s loads the same however its bytes are cut', async (_name, document) => {
  for (const type of ['text/html', null]) {
    const whole = await load([document], type)
    const everyByte = await load(
      Array.from(document, (byte) => new Uint8Array([byte])),
      type,
    )
    expect(everyByte).toEqual(whole)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(document.length), { maxLength: 12 }), async (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), document.length]
        const chunks = edges.slice(1).map((edge, n) => document.subarray(edges[n], edge))
        expect(await load(chunks, type)).toEqual(whole)
      }),
      { numRuns: 40 },
    )
  }
})

it('each encoding was understood', async () => {
  const results = await Promise.all(Object.values(DOCUMENTS).map((document) => load([document], 'text/html')))
  expect(results.map(({ title, encoding }) => [title, encoding])).toEqual([
    ['Ünïcödé 🎉 & more', 'utf-8'],
    ['日本語', 'shift_jis'],
    ['£', 'utf-16le'],
    ['€“é', 'windows-1252'],
  ])
  expect(results[0]?.subresources).toEqual([
    'stylesheet dir/s.css?%C3%A9=%F0%9F%8E%89',
    'stylesheet dir/i.css',
    'image dir/b.png',
    'script dir/a.js',
    'image dir/bg.png',
    'image dir/td.png',
    'image dir/w.png',
    'image dir/i.svg',
    'image dir/p.png',
    'media dir/v.mp4',
    'image dir/q.png',
    'image dir/lazy.png',
  ])
})

it('random markup loads the same however it is cut', async () => {
  const words = ['<img src=', 'a.png', '>', '<', '</', 'title', '<!--', '-->', '"', "'", ' ', '\r', '\n', '&amp', ';', '<script>', '</script>', '<style>', 'url(x)', '</style>', '<svg>', '<![CDATA[', ']]>', '🎉', '\0', '<table>', '<p ', '=', '/'] // prettier-ignore
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...words), { maxLength: 40 }), fc.nat(), async (parts, cut) => {
      const document = new TextEncoder().encode(parts.join(''))
      const at = cut % (document.length + 1)
      const whole = await load([document], 'text/html; charset=utf-8')
      expect(await load([document.subarray(0, at), document.subarray(at)], 'text/html; charset=utf-8')).toEqual(whole)
    }),
    { numRuns: 300 },
  )
})
