// What is neither page, style, script nor picture: the font, the manifest, data, a sound, captions.
// Listed by index.ts.

import type { DemoAsset } from '../demo-asset.ts'
import { layersFont } from './font.ts'
import { wav } from './wav.ts'

const LAYERS = [
  { name: 'webcore', process: 'WebProcess', task: 'finds subresources in the page and asks for them' },
  { name: 'webkit-network-process', process: 'NetworkProcess', task: 'checks each request and carries it out' },
  { name: 'libsoup', process: 'NetworkProcess', task: 'speaks HTTP and keeps cookies and connections' },
  { name: 'glib-gio', process: 'NetworkProcess', task: 'resolves names and opens sockets' },
  { name: 'glib-networking', process: 'NetworkProcess', task: 'encrypts' },
]

const CAPTIONS = `WEBVTT

00:00.000 --> 00:00.250
A tone that falls as a load falls through the layers.
`

/** The rest of the site. */
export function media(): readonly DemoAsset[] {
  return [
    {
      path: '/site.webmanifest',
      contentType: 'application/manifest+json',
      body: JSON.stringify({
        name: 'One page, every road',
        short_name: 'Every road',
        start_url: '/',
        display: 'minimal-ui',
        theme_color: '#0b3954',
        icons: [{ src: '/images/touch-icon.png', sizes: '180x180', type: 'image/png' }],
      }),
    },
    {
      path: '/fonts/layers.ttf',
      contentType: 'font/ttf',
      body: layersFont(),
      headers: { 'Access-Control-Allow-Origin': '*' },
    },
    {
      path: '/data/layers.json',
      contentType: 'application/json',
      body: JSON.stringify(LAYERS, null, 2),
      behaviour: { kind: 'compressed', coding: 'gzip' },
    },
    { path: '/media/tone.wav', contentType: 'audio/wav', body: wav(250) },
    { path: '/media/tone.vtt', contentType: 'text/vtt', body: CAPTIONS },
  ]
}
