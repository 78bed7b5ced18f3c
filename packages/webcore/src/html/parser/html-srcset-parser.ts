// srcset and sizes: which of an image's candidates a page with a known viewport loads. Asked by HTMLSubresourceFinder.
// Upstream: WebCore/html/parser/HTMLSrcsetParser.cpp and css/parser/SizesAttributeParser.cpp. HTML standard, "srcset attributes".

import { evaluateMediaQueryList } from '../../css/media-query-evaluator.ts'
import type { Viewport } from '../../page/settings.ts'

/** Candidates read from one attribute; the rest is dropped. */
export const MAX_IMAGE_CANDIDATES = 1000

export interface ImageCandidate {
  readonly url: string
  /** Pixels per CSS pixel (`x`), or null. */
  readonly density: number | null
  /** Width in pixels (`w`), or null. */
  readonly width: number | null
}

/** The candidates of a srcset attribute in order. Those with a bad descriptor are left out; it never throws. */
export function parseSrcset(attribute: string): ImageCandidate[] {
  const candidates: ImageCandidate[] = []
  let at = 0
  while (at < attribute.length && candidates.length < MAX_IMAGE_CANDIDATES) {
    while (at < attribute.length && /[\s,]/.test(attribute.charAt(at))) at++
    const urlStart = at
    while (at < attribute.length && !/\s/.test(attribute.charAt(at))) at++
    const word = attribute.slice(urlStart, at)
    if (word === '') break
    let end = word.length
    while (word[end - 1] === ',') end--
    const url = word.slice(0, end)
    let descriptors = ''
    if (end === word.length) {
      const descriptorStart = at
      at = endOfDescriptors(attribute, at)
      descriptors = attribute.slice(descriptorStart, at)
    }
    const candidate = makeCandidate(url, descriptors.split(/\s+/).filter(Boolean))
    if (candidate !== null) candidates.push(candidate)
  }
  return candidates
}

/** A comma inside parentheses does not end a candidate. */
function endOfDescriptors(attribute: string, start: number): number {
  let depth = 0
  let at = start
  for (; at < attribute.length; at++) {
    const character = attribute[at]
    if (character === '(') depth++
    else if (character === ')') depth = Math.max(0, depth - 1)
    else if (character === ',' && depth === 0) break
  }
  return at
}

function makeCandidate(url: string, descriptors: readonly string[]): ImageCandidate | null {
  let density: number | null = null
  let width: number | null = null
  for (const descriptor of descriptors) {
    const value = Number(descriptor.slice(0, -1))
    if (descriptor.endsWith('x') && isNumber(descriptor) && density === null && value >= 0) density = value
    else if (descriptor.endsWith('w') && /^\d+w$/.test(descriptor) && width === null && value > 0) width = value
    // A height goes together with a width and is otherwise unused.
    else if (!/^\d+h$/.test(descriptor)) return null
  }
  return url === '' || (density !== null && width !== null) ? null : { url, density, width }
}

function isNumber(descriptor: string): boolean {
  return /^[+-]?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?x$/i.test(descriptor)
}

/**
 * The URL an `<img>` or `<source>` loads: the sharpest needed for the viewport and no sharper, else the sharpest there is.
 *
 * @returns Null when there is neither `src` nor a usable candidate.
 */
export function bestFitSourceForImageAttributes(
  src: string | null,
  srcset: string | null,
  sizes: string | null,
  viewport: Viewport,
): string | null {
  const candidates = srcset === null ? [] : parseSrcset(srcset)
  const sourceSize = candidates.some((candidate) => candidate.width !== null) ? sourceSizeInPixels(sizes, viewport) : 0
  const dense = candidates.map((candidate) => ({
    url: candidate.url,
    density: candidate.width === null ? (candidate.density ?? 1) : candidate.width / Math.max(sourceSize, 1),
  }))
  // `src` joins in as the 1x candidate unless the set describes widths or already has one.
  if (src !== null && src !== '' && !candidates.some((it) => it.width !== null || (it.density ?? 1) === 1)) {
    dense.push({ url: src, density: 1 })
  }
  if (dense.length === 0) return src === '' ? null : src
  const sorted = dense.toSorted((a, b) => a.density - b.density)
  return (sorted.find((candidate) => candidate.density >= viewport.deviceScaleFactor) ?? sorted.at(-1))?.url ?? null
}

/** The width the page gives the image, in CSS pixels; `100vw` when `sizes` does not say. */
export function sourceSizeInPixels(sizes: string | null, viewport: Viewport): number {
  for (const entry of (sizes ?? '').slice(0, 10_000).split(',')) {
    const match = /^(.*?)(?:^|[\s)])([\d.]+)(px|vw|em|rem)$/is.exec(entry.trim().replace(/\)(?=\S)/, ') '))
    const [, condition = '', amount = '', unit = ''] = match ?? []
    const value = Number(amount)
    if (match === null || Number.isNaN(value)) continue
    const media = entry.slice(0, entry.lastIndexOf(amount)).trim()
    if (condition !== '' && media !== '' && !evaluateMediaQueryList(media, viewport)) continue
    if (unit.toLowerCase() === 'vw') return (value * viewport.width) / 100
    return unit.toLowerCase() === 'px' ? value : value * 16
  }
  return viewport.width
}
