import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCSSSubresources } from '../src/css/css-subresource-parser.ts'
import { intersectsASCII } from '../src/css/font-face-source.ts'
import { evaluateMediaQueryList } from '../src/css/media-query-evaluator.ts'
import {
  bestFitSourceForImageAttributes,
  parseSrcset,
  sourceSizeInPixels,
} from '../src/html/parser/html-srcset-parser.ts'
import { extractCharset, prescanForCharset } from '../src/html/parser/html-meta-charset-parser.ts'
import { parseLinkHeader } from '../src/loader/link-header.ts'
import { encodingForLabel } from '../src/loader/text-resource-decoder.ts'
import { DEFAULT_VIEWPORT as viewport } from '../src/page/settings.ts'
import { generateReferrerHeader, parseReferrerPolicy, ReferrerPolicy } from '../src/page/security-policy.ts'
import { parseCacheControlDirectives } from '../src/platform/network/cache-validation.ts'
import { HTTPHeaderMap } from '../src/platform/network/http-header-map.ts'
import { getMIMETypeFromContent } from '../src/platform/network/mime-sniffer.ts'
import { ParsedContentType } from '../src/platform/network/parsed-content-type.ts'

/** Every parser of text that comes from a server, as a function of any string. */
const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  srcset: parseSrcset,
  sizes: (text) => sourceSizeInPixels(text, viewport),
  'image candidates': (text) => bestFitSourceForImageAttributes(text, text, text, viewport),
  'Link field': parseLinkHeader,
  'Content-Type': (text) => ParsedContentType.create(text),
  'Content-Type parameters': (text) => ParsedContentType.create(`a/b;${text}`)?.serialize(),
  'Cache-Control': (text) => parseCacheControlDirectives(new HTTPHeaderMap([['Cache-Control', text]])),
  'Referrer-Policy': parseReferrerPolicy,
  'style sheet': (text) => parseCSSSubresources(text, { viewport }),
  'style attribute': (text) => parseCSSSubresources(text, { viewport, declarationsOnly: true }),
  'media query': (text) => evaluateMediaQueryList(text, viewport),
  'unicode-range': intersectsASCII,
  'meta charset': (text) => prescanForCharset(new TextEncoder().encode(text)),
  'meta content': extractCharset,
  'encoding label': encodingForLabel,
  'first bytes': (text) => getMIMETypeFromContent(new TextEncoder().encode(text)),
}

const words = [
  '<', '>', '"', "'", ',', ';', '=', '(', ')', '{', '}', '\\', '/*', '*/', ' ', '\n', '@import', '@media', '@font-face', 'url(', 'src:', 'format(',
  'image-set(', 'screen', 'and', 'or', 'not', 'min-width:', '100px', '50vw', '2x', '300w', 'rel', 'preload', '<meta ', 'charset', 'text/css',
  'max-age', '1', '\0', 'é', '<!--', '-->', 'U+0', '?',
] // prettier-ignore

/** Text made of what these grammars are made of, which random characters would seldom hit. */
const likely = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(''))

describe.each(Object.entries(PARSERS))('the %s parser', (_name, parse) => {
  it('takes any text without throwing and gives the same answer twice', () => {
    fc.assert(
      fc.property(fc.oneof(likely, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
        expect(parse(text)).toEqual(parse(text))
      }),
      { numRuns: 300 },
    )
  })

  // 50,000 repetitions of each word, alone and with a neighbour: what is quadratic takes seconds, the rest some milliseconds.
  it.each(words)('takes time in proportion to the length of repeated %j', (word) => {
    const started = performance.now()
    parse(word.repeat(50_000))
    parse(`${word}a`.repeat(50_000))
    parse(`${word} `.repeat(50_000))
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

it('a Referer never holds credentials or a fragment, and never the path over a downgrade by default', () => {
  fc.assert(
    fc.property(fc.webUrl({ withFragments: true }), fc.webUrl(), (referrer, target) => {
      const withUser = referrer.replace('://', '://user:secret@')
      for (const policy of Object.values(ReferrerPolicy)) {
        expect(generateReferrerHeader(policy, target, withUser)).not.toMatch(/secret|#/)
      }
      const header = generateReferrerHeader(ReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, target, referrer)
      if (new URL(target).origin !== new URL(referrer).origin && header !== '')
        expect(new URL(header).pathname).toBe('/')
    }),
  )
})
