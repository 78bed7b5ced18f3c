import { describe, expect, it } from 'vitest'
import { PAGE, PageHarness, subresourcesOf } from './load-page.ts'

describe('an element makes the page load', () => {
  it.each([
    ['a style sheet', '<link rel=stylesheet href=a.css>', ['stylesheet a.css']],
    [
      'a style sheet for print, which nothing waits for',
      '<link rel=stylesheet media=print href=a.css>',
      ['stylesheet a.css'],
    ],
    ['no alternate style sheet', '<link rel="alternate stylesheet" title=x href=a.css>', []],
    ['no disabled style sheet', '<link rel=stylesheet disabled href=a.css>', []],
    ['no style sheet of another language', '<link rel=stylesheet type=text/less href=a.less>', []],
    ['an icon', '<link rel="shortcut icon" href=a.png>', ['icon a.png']],
    ['a touch icon', '<link rel=apple-touch-icon href=a.png>', ['icon a.png']],
    ['a manifest', '<link rel=manifest href=m.json>', ['manifest m.json']],
    ['a preloaded script', '<link rel=preload as=script href=a.js>', ['script a.js']],
    ['a preloaded font', '<link rel=preload as=font crossorigin href=a.woff2>', ['font a.woff2']],
    ['data preloaded for a script', '<link rel=preload as=fetch href=a.json>', ['preload a.json']],
    ['no preload without a destination', '<link rel=preload href=a>', []],
    ['a preloaded module', '<link rel=modulepreload href=m.js>', ['script m.js']],
    ['nothing for hints', '<link rel=preconnect href=//b.test><link rel=dns-prefetch href=//b.test>', []],
    ['a script', '<script src=a.js></script>', ['script a.js']],
    [
      'an async, a deferred and a module script',
      '<script async src=a.js></script><script defer src=b.js></script><script type=module src=c.js></script>',
      ['script a.js', 'script b.js', 'script c.js'],
    ],
    [
      'no script that is data',
      '<script type=application/json src=a.json></script><script type=importmap src=b></script>',
      [],
    ],
    ['no fallback for browsers without modules', '<script nomodule src=a.js></script>', []],
    ['nothing that a script would write', '<script>document.write("<img src=a.png>")</script>', []],
    ['nothing inside noscript, as scripting counts as on', '<noscript><img src=a.png></noscript>', []],
    [
      'nothing inside a template',
      '<template><img src=a.png><style>a{background:url(b.png)}</style></template><img src=c.png>',
      ['image c.png'],
    ],
    ['an image', '<img src=" a.png ">', ['image a.png']],
    ['the image candidate for the screen', '<img src=a.png srcset="b.png 2x, c.png 1x">', ['image c.png']],
    [
      'the image candidate for its width',
      '<img srcset="s.png 400w, m.png 800w, l.png 1600w" sizes="(max-width: 600px) 100vw, 50vw">',
      ['image m.png'],
    ],
    [
      'a lazy image after everything else',
      '<img loading=lazy src=a.png><img src=b.png><script src=c.js></script>',
      ['image b.png', 'script c.js', 'image a.png'],
    ],
    [
      'the first fitting source of a picture',
      '<picture><source media=print srcset=p.png><source type=image/nope srcset=n><source srcset="w.png"><img src=f.png></picture>',
      ['image w.png'],
    ],
    [
      'the image of a picture without a fitting source',
      '<picture><source media=print srcset=p.png><img src=f.png></picture>',
      ['image f.png'],
    ],
    ['the poster and source of a video', '<video poster=p.png src=v.mp4></video>', ['image p.png', 'media v.mp4']],
    ['no video that says none', '<video preload=none src=v.mp4></video>', []],
    [
      'the first supported source of a video',
      '<video><source type=video/x src=a><source type="video/webm; codecs=vp9" src=b.webm><source src=c.mp4></video>',
      ['media b.webm'],
    ],
    ['an audio', '<audio src=a.mp3></audio>', ['media a.mp3']],
    ['the default track only', '<video><track src=a.vtt><track default src=b.vtt></video>', ['media b.vtt']],
    ['the image of an input', '<input type=image src=a.png><input src=b.png>', ['image a.png']],
    ['an object and an embed', '<object data=a.bin></object><embed src=b.bin>', ['other a.bin', 'other b.bin']],
    ['no nested frame', '<iframe src=f.html></iframe>', []],
    ['backgrounds of the old kind', '<body background=a.png><table background=b.png>', ['image a.png', 'image b.png']],
    ['the background of a late body tag', 'text<body background=a.png>', ['image a.png']],
    [
      'what an inline sheet refers to',
      '<style>@import "i.css"; p { background: url(a.png) }</style>',
      ['stylesheet i.css', 'image a.png'],
    ],
    ['nothing of an inline sheet for print', '<style media=print>p { background: url(a.png) }</style>', []],
    ['what a style attribute refers to', '<p style="background: url(\'a.png\')">', ['image a.png']],
    [
      'images of an SVG',
      '<svg><image href=a.png /><image xlink:href="b.png"/><use href="s.svg#i"/><use href="#here"/></svg>',
      ['image a.png', 'image b.png', 'image s.svg'],
    ],
    ['each URL once', '<img src=a.png><img src=a.png#x><link rel=icon href=a.png>', ['image a.png']],
    [
      'what comes relative to the base',
      '<img src=a.png><base href=/d/><base href=/e/><img src=a.png>',
      ['image a.png', 'image d/a.png'],
    ],
  ])('%s', async (_what, html, expected) => {
    expect(await subresourcesOf(html)).toEqual(expected)
  })
})

it('a preload and its use are one load, and only the use reads the sheet', async () => {
  const site = { 'https://a.test/a.css': { body: 'p { background: url(bg.png) }' } }
  expect(await subresourcesOf('<link rel=preload as=style href=a.css>', site)).toEqual(['stylesheet a.css'])
  const both = '<link rel=preload as=style href=a.css><link rel=stylesheet href=a.css>'
  expect(await subresourcesOf(both, site)).toEqual(['stylesheet a.css', 'image bg.png'])
})

it('sheets, their imports and what those refer to are loaded relative to each sheet, a ring of imports once', async () => {
  const site = {
    'https://a.test/css/a.css': { body: '@import url(sub/b.css); p { background: url(a.png) }' },
    'https://a.test/css/sub/b.css': {
      body: '@import "../a.css"; @font-face { src: url(f.eot) format("embedded-opentype"), url(f.woff2) format("woff2") }',
    },
  }
  const harness = new PageHarness({ [PAGE]: { body: '<link rel=stylesheet href=css/a.css>' }, ...site })
  await harness.load(PAGE)
  expect(harness.subresources).toEqual([
    'stylesheet css/a.css',
    'stylesheet css/sub/b.css',
    'image css/a.png',
    'font css/sub/f.woff2',
  ])
  expect(harness.entryFor('https://a.test/css/sub/f.woff2').initiator).toEqual({
    type: 'css',
    url: 'https://a.test/css/sub/b.css',
  })
})

it('imports stop ten levels down', async () => {
  const site = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`https://a.test/${n}.css`, { body: `@import "${n + 1}.css";` }]),
  )
  const loaded = await subresourcesOf('<link rel=stylesheet href=0.css>', site)
  expect(loaded).toEqual(Array.from({ length: 11 }, (_, n) => `stylesheet ${n}.css`))
})

it('a sheet that was not found, or that is not CSS by its word, is not read', async () => {
  const html = '<link rel=stylesheet href=a.css><link rel=stylesheet href=b.css>'
  const body = 'p { background: url(bg.png) }'
  const nosniff = { body, type: 'text/html', headers: [['X-Content-Type-Options', 'nosniff']] as const }
  const site = { 'https://a.test/a.css': { status: 404, body }, 'https://a.test/b.css': nosniff }
  expect(await subresourcesOf(html, site)).toEqual(['stylesheet a.css', 'stylesheet b.css'])
})

it('Link headers load style sheets and preloads before the body is read', async () => {
  const headers = [
    ['Link', '</p.js>; rel=preload; as=script, <s.css>; rel="stylesheet", <//c.test>; rel=preconnect'],
  ] as const
  const harness = new PageHarness({ [PAGE]: { body: '<img src=a.png>', headers } })
  await harness.load(PAGE)
  expect(harness.subresources).toEqual(['script p.js', 'stylesheet s.css', 'image a.png'])
  expect(harness.entryFor('https://a.test/p.js').initiator).toEqual({ type: 'link-header', url: PAGE })
})

it('nested frames are recorded and not loaded', async () => {
  const harness = new PageHarness({ [PAGE]: { body: '<iframe src=/f></iframe><frameset><frame src=//b.test/>' } })
  await harness.load(PAGE)
  expect(harness.page.mainFrame.document?.childFrameURLs).toEqual(['https://a.test/f'])
})

it('a page may not load from schemes that are not of the web, which its entry says', async () => {
  const harness = new PageHarness({ [PAGE]: { body: '<img src="file:///etc/passwd"><img src="javascript:1">' } })
  await harness.load(PAGE)
  expect(harness.strategy.urls).toEqual([PAGE])
  expect(harness.entryFor('file:///etc/passwd').error).toMatchObject({ code: 'CANNOT_SHOW_URI' })
  expect(harness.events.at(-1)).toBe('didFinishLoad')
})

it('priorities and Accept fields are WebKit’s for each type', async () => {
  const html =
    '<link rel=stylesheet href=a.css><link rel=stylesheet media=print href=p.css><script src=a.js></script>' +
    '<script async src=b.js></script><img src=a.png><img fetchpriority=high src=b.png><link rel=icon href=i.png>'
  const harness = new PageHarness({ [PAGE]: { body: html } })
  await harness.load(PAGE)
  const priorities = harness.strategy.requests.map(({ request }) => [request.url.replace(PAGE, ''), request.priority])
  expect(Object.fromEntries(priorities)).toEqual({
    '': 'VeryHigh',
    'a.css': 'High',
    'p.css': 'VeryLow',
    'a.js': 'High',
    'b.js': 'Medium',
    'a.png': 'Low',
    'b.png': 'Medium',
    'i.png': 'Medium',
  })
  const accept = (url: string): string | undefined =>
    harness.strategy.requestFor(url).httpHeaderFields.find(([name]) => name === 'Accept')?.[1]
  expect(accept(PAGE)).toContain('text/html')
  expect(accept('https://a.test/a.css')).toBe('text/css,*/*;q=0.1')
  expect(accept('https://a.test/a.png')).toContain('image/webp')
})
