// The page itself.
// Listed by index.ts.

import { VISIT_COOKIE, type DemoAsset } from '../demo-asset.ts'
import { ROADS } from './roads.ts'

const HEAD = `<meta charset="utf-8">
<title>One page, every road through the stack</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="The built-in demo site of MiniBrowser: a page whose resources each travel in a different way.">
<link rel="icon" href="/favicon.ico" sizes="32x32">
<link rel="apple-touch-icon" href="/images/touch-icon.png">
<link rel="manifest" href="/site.webmanifest">
<link rel="preload" href="/images/preloaded.svg" as="image">
<link rel="preload" href="/data/layers.json" as="fetch" crossorigin>
<link rel="preload" href="/fonts/layers.ttf" as="font" type="font/ttf" crossorigin>
<link rel="stylesheet" href="/css/site.css">
<link rel="stylesheet" href="/css/theme.css">
<link rel="stylesheet" href="/css/results.css">
<link rel="stylesheet" href="/css/print.css" media="print">
<script src="/js/classic.js"></script>
<script src="/js/deferred.js" defer></script>
<script src="/js/async.js" async></script>
<script src="/js/table.js" defer></script>
<script src="/js/module.js" type="module"></script>`

const INTRODUCTION = `<h1>One page, every road through the stack</h1>
<p>You are looking at the demo site of MiniBrowser. It is served over TLS from this machine, by the server that comes
with the HTTP library, under a certificate authority that was made a moment ago and is trusted for this run only.</p>
<p>The text came first. While it arrived, the WebProcess found the resources below and asked for each of them. It has no
network of its own: its sandbox takes that away, so it sends every request to the NetworkProcess over a socket the two
share. The NetworkProcess trusts nothing it is told, checks the request, and carries it out.</p>`

const LAYERS = `<h2>The layers, from the page to the wire</h2>
<ol>
<li><strong>webcore</strong> parses the document, finds subresources and gives each its priority.</li>
<li><strong>webkit-network-process</strong> takes requests from sandboxed processes, follows redirects and measures loads.</li>
<li><strong>libsoup</strong> speaks HTTP: it queues messages, reuses connections, keeps cookies and undoes compression.</li>
<li><strong>glib-gio</strong> resolves names and opens sockets, trying IPv6 and IPv4 side by side.</li>
<li><strong>glib-networking</strong> encrypts, with OpenSSL or with GnuTLS.</li>
</ol>`

const STYLES_AND_SCRIPTS = `<h2>What you do not see</h2>
<p>Five style sheets dress this page. <code>site.css</code> imports <code>layout.css</code>, so the second is known only when
the first is here; <code>theme.css</code> names two pictures and a font; <code>results.css</code> travels compressed with gzip;
<code>print.css</code> is for paper and can wait. Of the five scripts one holds up the parser, three are deferred and one is
asynchronous; <code>table.js</code> travels compressed with Brotli.</p>
<p id="parsed">Scripts tell more here in a browser that runs them.</p>
<table id="results"></table>`

/** The page with its cards. It sets the cookie that one of its pictures asks for. */
export function page(): DemoAsset {
  const cards = ROADS.map(
    ({ title, html, text }) =>
      `<li><figure>${html}<figcaption><h3>${title}</h3><p>${text}</p></figcaption></figure></li>`,
  )
  const html = `<!doctype html>
<html lang="en">
<head>
${HEAD}
</head>
<body>
<header>
${INTRODUCTION}
</header>
<main>
${LAYERS}
<h2>What each resource shows</h2>
<ul class="roads">
${cards.join('\n')}
</ul>
${STYLES_AND_SCRIPTS}
</main>
<footer><p>Nothing on this page came from anywhere but this machine.</p></footer>
</body>
</html>
`
  return {
    path: '/',
    contentType: 'text/html; charset=utf-8',
    body: html,
    headers: { 'Cache-Control': 'no-store', 'Set-Cookie': `${VISIT_COOKIE}; Path=/; Secure; HttpOnly; SameSite=Lax` },
  }
}
