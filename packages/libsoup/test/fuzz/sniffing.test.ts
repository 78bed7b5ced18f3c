import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  RESOURCE_HEADER_BYTES,
  matchSignature,
  sniffingRule,
  sniffMimeType,
} from '../../src/content-sniffer/sniff-mime-type.ts'
import { mutated, RUNS, textOf } from './fuzzing.ts'

const WORDS = [
  ...[
    '<',
    '>',
    '!',
    '?',
    '<html>',
    '<!--',
    '-->',
    '<!DOCTYPE HTML>',
    '<?xml',
    '?>',
    '<rss>',
    '<feed>',
    '<rdf:RDF',
    ' ',
    '\n',
  ],
  ...['%PDF-', 'GIF89a', '\x89PNG\r\n\x1a\n', '\xff\xd8\xff', 'RIFF', 'WAVE', 'WEBPVP', '\x1a\x45\xdf\xa3', '\x42\x82'],
  ...[
    'webm',
    '\0\0\0\x18ftyp',
    'mp42',
    'ID3',
    '\xff\xfb\x90\x64',
    '\0'.repeat(417),
    'PK\x03\x04',
    '\x1f\x8b\x08',
    'wOFF',
  ],
  ...['\xef\xbb\xbf', '\xfe\xff', '\0', 'a'.repeat(700)],
]
const LABELS = [
  null,
  'text/plain',
  'text/html',
  'image/png',
  'video/mp4',
  'font/woff',
  'application/json',
  'text/xml',
  '*/*',
]
const SCRIPTABLE = ['text/html', 'text/xml', 'application/pdf']

const body = mutated(textOf(WORDS, 8), WORDS).map((text) => Buffer.from(text, 'latin1'))
const label = fc.constantFrom(...LABELS)

test('sniffing makes nothing scriptable of what is labelled otherwise, or not to be sniffed', () => {
  fc.assert(
    fc.property(body, label, fc.boolean(), (bytes, essence, noSniff) => {
      const type = sniffMimeType(sniffingRule(essence, essence, noSniff), essence, bytes)
      expect(type).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/)
      const isLabelled = essence !== null && essence !== '*/*'
      if (isLabelled && !SCRIPTABLE.includes(essence)) expect(SCRIPTABLE).not.toContain(type)
      if (noSniff && isLabelled) expect(type).toBe(essence)
      if (noSniff && !isLabelled) expect(SCRIPTABLE).not.toContain(type)
    }),
    RUNS,
  )
})

test('only the first bytes matter, and a signature found early stays', () => {
  fc.assert(
    fc.property(body, fc.uint8Array({ maxLength: 50 }), label, (bytes, more, essence) => {
      const rule = sniffingRule(essence, essence, false)
      const header = Buffer.concat([bytes, Buffer.alloc(RESOURCE_HEADER_BYTES, 0x61)])
      const longer = Buffer.concat([header, more])
      expect(sniffMimeType(rule, essence, longer)).toBe(sniffMimeType(rule, essence, header))
      for (let size = 0; size <= bytes.length; size += 1 + (size >> 3)) {
        const early = matchSignature(rule, bytes.subarray(0, size))
        if (early !== null) expect(sniffMimeType(rule, essence, bytes)).toBe(early)
      }
    }),
    RUNS,
  )
})
