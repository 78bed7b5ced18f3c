// Whatever a user types or a server does wrong ends in exit status 1, a domain, a code and one sentence.
// bad-tls-peers.test.ts has the rows of TLS.

import { startUnacceptingServer } from '@wpe-networking/test-support'
import { describe, expect, it } from 'vitest'
import { answer, expectFailure, type Row, silence } from './expect-failure.ts'
import { runMiniBrowser } from './run-mini-browser.ts'

const ROWS: readonly Row[] = [
  { name: 'an unknown scheme', uri: 'foo://bar/', domain: 'WebKitNetworkError', code: 'UNKNOWN_PROTOCOL' },
  { name: 'a URI that does not parse', uri: 'http://[::1', domain: 'WebKitPolicyError', code: 'CANNOT_SHOW_URI' },
  { name: 'a host that does not exist', uri: 'nowhere.invalid', domain: 'g-resolver-error-quark', code: 'NOT_FOUND' },
  {
    name: 'a port nobody listens on',
    uri: 'http://127.0.0.1:1/',
    domain: 'g-io-error-quark',
    code: 'CONNECTION_REFUSED',
  },
  {
    name: 'a network that cannot be reached',
    uri: 'http://255.255.255.255/', // No TCP connection can be broadcast.
    domain: 'g-io-error-quark',
    code: 'NETWORK_UNREACHABLE',
  },
  {
    name: 'a host that lets nobody connect',
    start: startUnacceptingServer,
    args: ['--timeout=0.5'],
    domain: 'g-io-error-quark',
    code: 'TIMED_OUT',
  },
  {
    name: 'a server that never answers',
    start: silence,
    args: ['--timeout=0.5'],
    domain: 'g-io-error-quark',
    code: 'TIMED_OUT',
  },
  {
    name: 'bytes that are not HTTP',
    start: answer('SSH-2.0-OpenSSH_9.2\r\n\r\n'),
    domain: 'soup-session-error-quark',
    code: 'PARSING',
  },
  { name: 'an empty reply', start: answer(''), domain: 'g-io-error-quark', code: 'CONNECTION_CLOSED' },
  {
    name: 'a body cut short',
    start: answer('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n<p>half'),
    domain: 'g-io-error-quark',
    code: 'PARTIAL_INPUT',
  },
  {
    name: 'a header section over 256 KB',
    start: answer(`HTTP/1.1 200 OK\r\n${`X-Long: ${'x'.repeat(1000)}\r\n`.repeat(300)}\r\n`),
    domain: 'soup-session-error-quark',
    code: 'PARSING',
  },
  {
    name: 'a redirect loop',
    start: answer('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
    domain: 'WebKitNetworkError',
    code: 'TOO_MANY_REDIRECTS',
  },
  {
    name: 'a redirect to an unknown scheme',
    start: answer('HTTP/1.1 302 Found\r\nLocation: foo://bar/\r\nContent-Length: 0\r\n\r\n'),
    domain: 'WebKit(Network|Policy)Error',
    code: '(UNKNOWN_PROTOCOL|BAD_REDIRECT)',
  },
]

describe('bad input', () => {
  it.each(ROWS)('$name ends with $domain $code', (row) => expectFailure(row))

  it('refuses an unknown option with exit status 2 and says so on stderr only', async () => {
    const { status, stdout, stderr } = await runMiniBrowser(['--nonsense'])
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toBe('minibrowser: Unknown option --nonsense. (g-option-context-error-quark: UNKNOWN_OPTION)\n')
  })

  it('refuses a certificate file that cannot be read with exit status 2', async () => {
    const { status, stderr } = await runMiniBrowser(['--ca-file=/nowhere.pem', 'data:,x'])
    expect(status).toBe(2)
    expect(stderr).toContain('/nowhere.pem')
  })

  it('reports a failed subresource without failing the page', async () => {
    const { status, stdout } = await runMiniBrowser([
      '--output=json',
      'data:text/html,<p>x<img src="http://127.0.0.1:1/a.png">',
    ])
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      error: null,
      resources: [{ error: null }, { error: { code: 'CONNECTION_REFUSED' }, status: null, protocol: null }],
    })
  })
})
