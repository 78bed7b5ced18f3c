import { describe, expect, it } from 'vitest'
import { HELP } from '../src/cli/help.ts'
import { parseCommandLine, UsageError } from '../src/cli/options.ts'
import { terminalStyle } from '../src/cli/reports.ts'
import { uriFromArgument } from '../src/cli/uri-argument.ts'
import { LoadError } from '../src/load-error.ts'

describe('parseCommandLine', () => {
  it('has defaults for everything', () => {
    expect(parseCommandLine([])).toEqual({
      action: 'load',
      options: {
        ...{ uri: null, headless: false, output: 'text', har: null, waterfall: null, tlsBackend: null, caFile: null },
        ...{ ignoreTlsErrors: false, userAgent: null, headers: [], method: 'GET', data: null, timeoutSeconds: 0 },
        ...{ trace: false, noSandbox: false },
      },
    })
  })

  it('takes every option', () => {
    const args = [
      '-h',
      '--output=json',
      '--har=a.har',
      '--waterfall=a.html',
      '--tls-backend=gnutls',
      '--ca-file=ca.pem',
    ]
    const more = [
      '--ignore-tls-errors',
      '--user-agent=Me',
      '--header=A: 1',
      '--header',
      'B:2',
      '--data=x',
      '--timeout=1.5',
    ]
    expect(parseCommandLine([...args, ...more, '--trace', '--no-sandbox', 'example.org'])).toMatchObject({
      options: {
        ...{ uri: 'example.org', headless: true, output: 'json', har: 'a.har', waterfall: 'a.html' },
        ...{
          tlsBackend: 'gnutls',
          caFile: 'ca.pem',
          ignoreTlsErrors: true,
          userAgent: 'Me',
          method: 'POST',
          data: 'x',
        },
        ...{ timeoutSeconds: 1.5, trace: true, noSandbox: true },
        headers: [
          ['A', '1'],
          ['B', '2'],
        ],
      },
    })
  })

  it.each([
    [['--nonsense'], 'Unknown option --nonsense.'],
    [['-x'], 'Unknown option -x.'],
    [['--output'], 'Option --output needs a value.'],
    [['--trace=yes'], 'Option --trace does not take a value.'],
    [['--output=pdf'], 'Option --output must be one of text, html, har, json, none.'],
    [['--tls-backend=nss'], 'Option --tls-backend must be one of openssl, gnutls.'],
    [['--header=no colon'], "Option --header must look like 'Name: value'."],
    [['--header=A: b\r\nC: d'], "Option --header must look like 'Name: value'."],
    [['--user-agent=a\nb'], 'Option --user-agent holds characters that cannot be sent in a header.'],
    [['--method=GE T'], 'Option --method must be an HTTP method such as GET or POST.'],
    [['--method=connect'], 'Option --method cannot be CONNECT.'],
    [['--method=GET', '--data=x'], 'Option --data cannot be used with --method=GET.'],
    [['--timeout=soon'], 'Option --timeout must be a positive number of seconds.'],
    [['--timeout=0'], 'Option --timeout must be a positive number of seconds.'],
    [['--timeout=9e99'], 'Option --timeout must be a positive number of seconds.'],
    [['--har='], 'Option --har needs the name of a file.'],
    [['a.example', 'b.example'], 'Only one URI can be loaded at a time.'],
  ])('refuses %j with one sentence', (args, sentence) => {
    expect(() => parseCommandLine(args)).toThrow(sentence)
    expect(() => parseCommandLine(args)).toThrow(UsageError)
  })

  it('has help that names every option', () => {
    for (const name of ['headless', 'output', 'har', 'waterfall', 'tls-backend', 'ca-file', 'ignore-tls-errors']) {
      expect(HELP).toContain(`--${name}`)
    }
    for (const name of [
      'user-agent',
      'header',
      'method',
      'data',
      'timeout',
      'trace',
      'no-sandbox',
      'help',
      'version',
    ]) {
      expect(HELP).toContain(`--${name}`)
    }
    expect(Math.max(...HELP.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })
})

describe('uriFromArgument', () => {
  it.each([
    ['example.org', 'http://example.org/'],
    ['example.org/x?y#z', 'http://example.org/x?y#z'],
    ['localhost:8080/x', 'http://localhost:8080/x'],
    ['[::1]:8080', 'http://[::1]:8080/'],
    ['//example.org/x', 'http://example.org/x'],
    ['https://example.org', 'https://example.org/'],
    ['data:text/html,<p>x', 'data:text/html,<p>x'],
    ['foo://bar', 'foo://bar'],
    ['  example.org ', 'http://example.org/'],
  ])('takes %s for %s', (argument, uri) => {
    expect(uriFromArgument(argument)).toBe(uri)
  })

  it.each(['', '   ', 'http://[::1', 'http://', 'https://a b/', 'a b'])('refuses %j', (argument) => {
    expect(() => uriFromArgument(argument)).toThrow(LoadError)
  })
})

describe('terminalStyle', () => {
  it('has colours and the width of a terminal, and neither when piped', () => {
    expect(terminalStyle({ isTTY: true, columns: 132 }, {})).toEqual({ columns: 132, color: true })
    expect(terminalStyle({}, {})).toEqual({ columns: 80, color: false })
  })

  it('respects NO_COLOR and a dumb terminal', () => {
    expect(terminalStyle({ isTTY: true }, { NO_COLOR: '1' }).color).toBe(false)
    expect(terminalStyle({ isTTY: true }, { TERM: 'dumb' }).color).toBe(false)
    expect(terminalStyle({ isTTY: true }, { NO_COLOR: '' }).color).toBe(true)
  })
})
