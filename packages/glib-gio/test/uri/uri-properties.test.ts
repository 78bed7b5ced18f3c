import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Uri, UriError, UriFlags } from '@wpe-networking/glib-gio'

const text = fc.string({ unit: 'grapheme' }).filter((value) => value.isWellFormed() && !value.includes('\0'))
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().filter((address) => URL.canParse(`http://[${address}]/`)),
)
const parts = fc.record({
  scheme: fc.constantFrom('http', 'https', 'ws', 'x-test'),
  user: fc.option(text),
  password: fc.option(text),
  host,
  port: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 65535 })),
  path: text.map((value) => `/${value}`),
  query: fc.option(text),
  fragment: fc.option(text),
})
const flags = fc.nat({ max: 511 })
/** Strings that look like URIs, with something wrong about them. */
const nearUri = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'http:',
        '//',
        '/',
        '?',
        '#',
        '@',
        ':',
        ';',
        '[',
        ']',
        '%',
        '%2',
        '%41',
        '%00',
        '..',
        '.',
        '::1',
        ' ',
      ),
      fc.string({ maxLength: 4, unit: 'binary' }),
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(''))

function parseOrNull(value: string, parseFlags: number): Uri | null {
  try {
    return Uri.parse(value, parseFlags)
  } catch (error) {
    expect(error).toBeInstanceOf(UriError)
    return null
  }
}

describe('for every URI', () => {
  it('built from parts, parsing its text gives the same parts', () => {
    fc.assert(
      fc.property(parts, (given) => {
        // '/.', '/..' and '//' mean something: parsing resolves dots.
        fc.pre(!/\/\.{1,2}(\/|$)/.test(given.path))
        const known = given.user === null ? { ...given, password: null } : given
        const uri = Uri.parse(Uri.join(known, UriFlags.HAS_PASSWORD), UriFlags.HAS_PASSWORD)
        expect({ ...known, ...pick(uri) }).toEqual(known)
      }),
    )
  })

  it('parsed, its text parses to the same text again, with any flags', () => {
    fc.assert(
      fc.property(
        fc.oneof(nearUri, fc.webUrl({ withQueryParameters: true, withFragments: true })),
        flags,
        (value, f) => {
          const once = parseOrNull(value, f)
          fc.pre(once !== null)
          const twice = Uri.parse(once.toString(), f)
          expect(twice.toString()).toBe(once.toString())
          expect(twice.equal(once)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('resolving it against any base gives it back', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.webUrl(), (base, value) => {
        const uri = Uri.parse(value, UriFlags.ENCODED)
        expect(Uri.resolveRelative(base, value)).toBe(uri.toString())
      }),
    )
  })
})

describe('for every string', () => {
  it('the parser answers with a Uri or a UriError, and a host never holds a delimiter', () => {
    fc.assert(
      fc.property(fc.oneof(nearUri, fc.string({ unit: 'binary' })), flags, (value, f) => {
        const uri = parseOrNull(value, f & ~UriFlags.NON_DNS)
        if (uri?.host) expect(uri.host).not.toMatch(/[/?#@\\\s]/)
      }),
      { numRuns: 2000 },
    )
  })

  it('an ENCODED URI is printed as visible ASCII only', () => {
    fc.assert(
      fc.property(nearUri, (value) => {
        const uri = parseOrNull(`http://h/${value}`, UriFlags.ENCODED)
        if (uri) expect(uri.toString()).toMatch(/^[!-~]*$/)
      }),
    )
  })

  it('unescaping what was escaped gives it back', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(Uri.unescapeString(Uri.escapeString(value))).toBe(value)
      }),
    )
  })

  it('a megabyte of any delimiter takes time in proportion', () => {
    for (const piece of ['/..', '/.', '%41', '@', ':', ';', '[', '?', '../', 'a.']) {
      const started = process.cpuUsage() // not the time that others take on this machine
      parseOrNull(`http://h/${piece.repeat(1e6 / piece.length)}`, UriFlags.ENCODED)
      parseOrNull(`http://${piece.repeat(1e6 / piece.length)}`, UriFlags.PARSE_RELAXED)
      expect(process.cpuUsage(started).user).toBeLessThan(2_000_000)
    }
  })
})

function pick(uri: Uri): object {
  const { scheme, user, password, host: name, port, path, query, fragment } = uri
  return { scheme, user, password, host: name, port, path, query, fragment }
}
