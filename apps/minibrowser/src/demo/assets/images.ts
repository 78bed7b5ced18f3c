// Every picture of the site: each format once, and one for each way a response can travel.
// Listed by index.ts.

import { TASTE_COOKIE, VISIT_COOKIE, type DemoAsset } from '../demo-asset.ts'
import { badgeSvg, dotsSvg, ruleSvg, stackSvg } from './drawings.ts'
import { GRADIENT_JPEG, GRADIENT_WEBP, POSTER_JPEG } from './embedded-images.ts'
import { gif } from './gif.ts'
import { ico } from './ico.ts'
import { png, type Rgb } from './png.ts'

const SVG = 'image/svg+xml'

/** Bars of falling length on a dark ground: the mark of the site. */
function mark(size: number): Buffer {
  const colours: readonly Rgb[] = [
    [255, 90, 95],
    [249, 132, 74],
    [249, 199, 79],
    [67, 170, 139],
    [39, 125, 161],
  ]
  return png(size, size, (x, y) => {
    const row = Math.floor((y / size) * 7) - 1
    const colour = colours[row]
    const isBar = colour !== undefined && x > size / 8 && x < size * (0.9 - row * 0.12)
    return isBar ? colour : [11, 57, 84]
  })
}

/** A staircase as a waterfall of loads has it. */
function waterfall(): Buffer {
  return png(320, 120, (x, y) => {
    const row = Math.floor(y / 10)
    const start = row * 18
    if (x < start || x > start + 60 + row * 4 || y % 10 > 6) return [245, 247, 250]
    return x < start + 20 ? [249, 199, 79] : [39, 125, 161]
  })
}

/** Faint paper grain; the same every time, since it is reckoned from the place alone. */
function paper(): Buffer {
  return png(64, 64, (x, y) => {
    const shade = 244 + (((x * 73) ^ (y * 151)) % 7)
    return [shade, shade, shade - 2]
  })
}

/** Noise that hardly compresses, about 190 KB: a body that takes many reads. */
function large(): Buffer {
  let state = 20_252_026
  return png(256, 256, () => {
    // xorshift, 32 bits
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return [state & 255, (state >>> 8) & 255, (state >>> 16) & 255]
  })
}

/** The pictures, drawn when called. */
export function images(): readonly DemoAsset[] {
  return [
    { path: '/favicon.ico', contentType: 'image/x-icon', body: ico(mark(32), 32) },
    { path: '/images/touch-icon.png', contentType: 'image/png', body: mark(180) },
    { path: '/images/stack.svg', contentType: SVG, body: stackSvg() },
    { path: '/images/waterfall.png', contentType: 'image/png', body: waterfall() },
    { path: '/images/paper.png', contentType: 'image/png', body: paper() },
    { path: '/images/rule.svg', contentType: SVG, body: ruleSvg() },
    { path: '/images/large.png', contentType: 'image/png', body: large() },
    { path: '/images/gradient.webp', contentType: 'image/webp', body: GRADIENT_WEBP },
    { path: '/images/gradient.jpg', contentType: 'image/jpeg', body: GRADIENT_JPEG },
    { path: '/images/dot.gif', contentType: 'image/gif', body: gif([67, 170, 139]) },
    { path: '/media/poster.jpg', contentType: 'image/jpeg', body: POSTER_JPEG },
    {
      path: '/images/preloaded.svg',
      contentType: SVG,
      body: badgeSvg('Preloaded', 'asked for in the head, used in the body', '#5f0f40'),
    },
    {
      path: '/images/moved.svg',
      contentType: 'text/plain',
      body: 'It is at /images/here.svg now.\n',
      behaviour: { kind: 'redirect', location: '/images/here.svg' },
    },
    {
      path: '/images/here.svg',
      contentType: SVG,
      body: badgeSvg('Redirected', '302 Found, then this', '#9a031e'),
    },
    {
      path: '/images/slow.svg',
      contentType: SVG,
      body: badgeSvg('Slow', 'the server thought for 300 ms', '#0f4c5c'),
      behaviour: { kind: 'slow', delayMs: 300 },
    },
    {
      path: '/images/chunked.svg',
      contentType: SVG,
      body: dotsSvg(),
      behaviour: { kind: 'chunked', pieces: 6, pauseMs: 20 },
    },
    {
      path: '/cookies/visit.svg',
      contentType: SVG,
      body: badgeSvg('Cookie of the page', 'came back with this request', '#fb8b24'),
      behaviour: { kind: 'needs-cookie', cookie: VISIT_COOKIE },
      headers: { 'Cache-Control': 'no-store', Vary: 'Cookie' },
    },
    {
      path: '/cookies/give',
      contentType: 'text/plain',
      body: 'Here is a cookie; go to /cookies/taste.svg with it.\n',
      behaviour: { kind: 'redirect', location: '/cookies/taste.svg', setCookie: TASTE_COOKIE },
      headers: { 'Cache-Control': 'no-store' },
    },
    {
      path: '/cookies/taste.svg',
      contentType: SVG,
      body: badgeSvg('Cookie of a redirect', 'set by one response, sent to the next', '#e36414'),
      behaviour: { kind: 'needs-cookie', cookie: TASTE_COOKIE },
      headers: { 'Cache-Control': 'no-store', Vary: 'Cookie' },
    },
  ]
}
