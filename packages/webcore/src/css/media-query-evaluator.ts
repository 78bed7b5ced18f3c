// Whether a media query list matches the page's screen: for `media` attributes, `sizes` and `@media` blocks.
// Upstream: WebCore/css/query/MediaQueryEvaluator.cpp. Media Queries Level 4, only what decides which resources load.

import type { Viewport } from '../page/settings.ts'

/** Longer lists match, as one that says nothing does. */
const MAX_LENGTH = 10_000

const PIXELS_PER_UNIT: Readonly<Record<string, number>> = {
  px: 1,
  em: 16,
  rem: 16,
  in: 96,
  cm: 37.8,
  mm: 3.78,
  pt: 4 / 3,
}

/** Whether any query of the list matches; an empty list does. A feature that is not known does not match. */
export function evaluateMediaQueryList(list: string, viewport: Viewport): boolean {
  if (list.trim() === '' || list.length > MAX_LENGTH) return true
  return list.split(',').some((query) => evaluateQuery(query.trim().toLowerCase(), viewport))
}

function evaluateQuery(query: string, viewport: Viewport): boolean {
  const negated = /^not\s/.test(query)
  const body = query.replace(/^(not|only)\s+/, '')
  const parts = body.split(/\s+(?:and)\s+(?=\(|not\b)|(?<=\))\s*and\s+/)
  const matches = parts.every((part) => evaluateCondition(part.trim(), viewport))
  return negated ? !matches : matches
}

function evaluateCondition(part: string, viewport: Viewport): boolean {
  if (!part.startsWith('(')) return part === 'all' || part === 'screen'
  return part
    .split(/\)\s+or\s+\(/)
    .some((alternative) => evaluateFeature(alternative.replace(/^\(+|\)+$/g, ''), viewport))
}

function evaluateFeature(feature: string, viewport: Viewport): boolean {
  const range = /^([\w-]+)\s*(<=|>=|<|>|=)\s*(.+)$/.exec(feature)
  if (range !== null) {
    const [, name = '', operator = '', value = ''] = range
    const actual = dimension(name, viewport)
    const wanted = length(value)
    return actual !== null && wanted !== null && compare(actual, operator, wanted)
  }
  const [name = '', value] = feature.split(':').map((word) => word.trim())
  const prefix = /^(min|max)-/.exec(name)?.[1]
  const actual = dimension(name.replace(/^(min|max)-/, ''), viewport)
  if (actual !== null) {
    if (value === undefined) return actual > 0
    const wanted = length(value)
    if (wanted === null) return false
    return compare(actual, prefix === 'min' ? '>=' : prefix === 'max' ? '<=' : '=', wanted)
  }
  return evaluateKeyword(name, value, viewport)
}

function evaluateKeyword(name: string, value: string | undefined, viewport: Viewport): boolean {
  switch (name) {
    case 'orientation':
      return value === (viewport.width > viewport.height ? 'landscape' : 'portrait')
    case 'prefers-color-scheme':
      return value === 'light'
    case 'prefers-reduced-motion':
      return value === 'no-preference'
    case 'hover':
    case 'any-hover':
      return value === undefined || value === 'hover'
    case 'pointer':
    case 'any-pointer':
      return value === undefined || value === 'fine'
    case 'color':
      return value === undefined
    default:
      return false
  }
}

function dimension(name: string, viewport: Viewport): number | null {
  switch (name.replace(/^device-(?=width|height)/, '')) {
    case 'width':
      return viewport.width
    case 'height':
      return viewport.height
    case 'resolution':
    case '-webkit-device-pixel-ratio':
    case 'device-pixel-ratio':
      return viewport.deviceScaleFactor
    case 'color':
      return null
    default:
      return null
  }
}

/** CSS pixels, or pixels per CSS pixel for a resolution. */
function length(text: string): number | null {
  const match = /^(\d*\.?\d+)\s*([a-z]*)$/.exec(text.trim())
  if (match === null) return null
  const value = Number(match[1])
  const unit = match[2] ?? ''
  if (unit === '' || unit === 'x' || unit === 'dppx') return value
  if (unit === 'dpi') return value / 96
  const pixels = PIXELS_PER_UNIT[unit]
  return pixels === undefined ? null : value * pixels
}

function compare(actual: number, operator: string, wanted: number): boolean {
  switch (operator) {
    case '<':
      return actual < wanted
    case '<=':
      return actual <= wanted
    case '>':
      return actual > wanted
    case '>=':
      return actual >= wanted
    default:
      return actual === wanted
  }
}
