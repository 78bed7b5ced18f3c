// The Link response header as a list of links. DocumentLoader asks it for stylesheets and preloads of the main resource.
// Upstream: WebCore/loader/LinkHeader.cpp. RFC 8288 section 3.

import { readQuotedString } from '../platform/network/parsed-content-type.ts'

/** Links taken from one response; the rest is dropped. */
export const MAX_LINKS = 512

/** Longest header value looked at, in characters; libsoup bounds the whole head already. */
const MAX_LENGTH = 256 * 1024

export interface LinkHeader {
  /** As written, to be resolved against the response's URL. */
  readonly url: string
  /** The relation types in lower case. */
  readonly rel: readonly string[]
  readonly as: string
  readonly mimeType: string
  readonly media: string
  /** Null when the parameter is absent, else its value. */
  readonly crossOrigin: string | null
  readonly imageSrcSet: string
  readonly imageSizes: string
  readonly fetchPriority: string
}

/** Every well-formed link-value of a Link field, in order. Malformed ones are passed over; it never throws. */
export function parseLinkHeader(value: string): LinkHeader[] {
  const input = value.slice(0, MAX_LENGTH)
  const links: LinkHeader[] = []
  let at = 0
  while (at < input.length && links.length < MAX_LINKS) {
    const open = input.indexOf('<', at)
    if (open < 0) break
    const close = input.indexOf('>', open)
    if (close < 0) break
    const { parameters, end } = readParameters(input, close + 1)
    const rel = parameters.get('rel')
    if (rel !== undefined && input.slice(at, open).trim() === '') {
      links.push(makeLink(input.slice(open + 1, close).trim(), rel, parameters))
    }
    at = end + 1
  }
  return links
}

function makeLink(url: string, rel: string, parameters: ReadonlyMap<string, string>): LinkHeader {
  return {
    url,
    rel: rel.toLowerCase().split(/\s+/).filter(Boolean),
    as: parameters.get('as')?.toLowerCase() ?? '',
    mimeType: parameters.get('type') ?? '',
    media: parameters.get('media') ?? '',
    crossOrigin: parameters.get('crossorigin') ?? null,
    imageSrcSet: parameters.get('imagesrcset') ?? '',
    imageSizes: parameters.get('imagesizes') ?? '',
    fetchPriority: parameters.get('fetchpriority')?.toLowerCase() ?? '',
  }
}

/** Reads `;name=value` pairs up to the comma that ends the link-value. */
function readParameters(input: string, start: number): { parameters: Map<string, string>; end: number } {
  const parameters = new Map<string, string>()
  let at = start
  while (at < input.length && input[at] !== ',') {
    if (input[at] !== ';') {
      at++
      continue
    }
    const nameStart = ++at
    while (at < input.length && !/[=;,]/.test(input.charAt(at))) at++
    const name = input.slice(nameStart, at).trim().toLowerCase()
    let value = ''
    if (input[at] === '=') {
      at++
      while (input[at] === ' ' || input[at] === '\t') at++
      if (input[at] === '"') {
        ;({ value, end: at } = readQuotedString(input, at))
      } else {
        const valueStart = at
        while (at < input.length && input[at] !== ';' && input[at] !== ',') at++
        value = input.slice(valueStart, at).trim()
      }
    }
    if (name !== '' && !parameters.has(name)) parameters.set(name, value)
  }
  return { parameters, end: at }
}
