// The scripts, one for each way a page can ask for one. They run in a browser that has a script engine.
// Listed by index.ts.

import type { DemoAsset } from '../demo-asset.ts'

const CLASSIC = `// Classic: the parser waits for this one.
document.documentElement.classList.add('scripted');
`

const DEFERRED = `// Deferred: runs when the page has been parsed.
document.querySelector('#parsed').textContent = 'The page was parsed ' + Math.round(performance.now()) + ' ms after its start.';
`

const ASYNC = `// Async: runs whenever it is here.
performance.mark('async-script');
`

const MODULE = `// Module: deferred by nature, fetched with CORS.
const rows = performance.getEntriesByType('resource').map((entry) => {
  const row = document.createElement('tr');
  for (const text of [new URL(entry.name).pathname, entry.initiatorType, Math.round(entry.duration) + ' ms']) {
    row.insertCell().textContent = text;
  }
  return row;
});
document.querySelector('#results').replaceChildren(...rows);
export {};
`

/** Long and repetitive on purpose: Brotli leaves a fraction of it. */
function words(): string {
  const layers = ['webcore', 'webkit-network-process', 'libsoup', 'glib-gio', 'glib-networking']
  const lines = [...Array(400).keys()].map((at) => `  [${at}, '${layers[at % layers.length]}'],`)
  return `// Compressed with Brotli on its way here.\nwindow.layerTable = new Map([\n${lines.join('\n')}\n]);\n`
}

/** The scripts. */
export function scripts(): readonly DemoAsset[] {
  const contentType = 'text/javascript; charset=utf-8'
  return [
    { path: '/js/classic.js', contentType, body: CLASSIC },
    { path: '/js/deferred.js', contentType, body: DEFERRED },
    { path: '/js/async.js', contentType, body: ASYNC },
    { path: '/js/module.js', contentType, body: MODULE },
    { path: '/js/table.js', contentType, body: words(), behaviour: { kind: 'compressed', coding: 'br' } },
  ]
}
