// The style sheets: one that imports another, one with pictures and a font, one that comes compressed, one for print.
// Listed by index.ts.

import type { DemoAsset } from '../demo-asset.ts'

const SITE = `@import url("/css/layout.css");

:root { --ink: #16324f; --accent: #ff5a5f; --card: #ffffff; }
body { color: var(--ink); font: 17px/1.6 system-ui, sans-serif; margin: 0; }
h1, h2 { line-height: 1.2; }
h1 { font-size: 2.6rem; margin: 0 0 .5rem; }
a { color: #087e8b; }
code { background: #eef3f6; border-radius: 4px; padding: .1em .35em; }
`

const LAYOUT = `main, header, footer { max-width: 62rem; margin: 0 auto; padding: 2rem 1.5rem; }
.roads { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); padding: 0; }
.roads > li { list-style: none; }
figure { margin: 0; }
figure > img, figure > video { display: block; height: auto; max-width: 100%; }
figcaption { margin-top: .75rem; }
`

const THEME = `@font-face { font-family: "Demo Layers"; src: url("/fonts/layers.ttf") format("truetype"); font-display: swap; }

body { background: #f6f6f4 url("/images/paper.png"); }
header { background: url('/images/rule.svg') no-repeat left bottom; }
.bars { color: var(--accent); font-family: "Demo Layers", monospace; font-size: 1.5rem; letter-spacing: -.2em; }
.roads > li { background: var(--card); border-radius: 14px; box-shadow: 0 2px 10px rgb(11 57 84 / .1); padding: 1.25rem; }
`

const PRINT = `body { background: none; color: #000; }
.roads > li { box-shadow: none; break-inside: avoid; border: 1px solid #999; }
`

/** The table at the foot of the page; repetitive, so that compression has something to do. */
function resultsCss(): string {
  const rows = [...Array(40).keys()].map(
    (at) =>
      `#results tr:nth-child(${at + 1}) td { background: hsl(${at * 9} 60% 96%); border-color: hsl(${at * 9} 40% 85%); }`,
  )
  return `#results { border-collapse: collapse; width: 100%; }\n#results td { border-bottom: 1px solid; }\n${rows.join('\n')}\n`
}

/** The style sheets. */
export function stylesheets(): readonly DemoAsset[] {
  const contentType = 'text/css; charset=utf-8'
  return [
    { path: '/css/site.css', contentType, body: SITE },
    { path: '/css/layout.css', contentType, body: LAYOUT },
    { path: '/css/theme.css', contentType, body: THEME },
    { path: '/css/results.css', contentType, body: resultsCss(), behaviour: { kind: 'compressed', coding: 'gzip' } },
    { path: '/css/print.css', contentType, body: PRINT },
  ]
}
