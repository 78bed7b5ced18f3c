// The scheme Digest by itself; the server's side is computed here, from what the client sent.

import { Readable } from 'node:stream'
import { Uri } from '@wpe-networking/glib-gio'
import { describe, expect, it } from 'vitest'
import { parseCredentials } from '../../src/auth/challenge.ts'
import { DIGEST_ALGORITHMS, digestKey, digestResponse, digestSecret, digestUserHash } from '../../src/auth/digest.ts'
import type { DigestAlgorithm, DigestQop } from '../../src/auth/digest.ts'
import { AuthDigest, AuthError, Message, MessageHeaders, MessageHeadersType } from '../../src/index.ts'
import { messageState } from '../../src/message/message.ts'

const URI = 'http://example.org/a/b?c=d'

function make(header: string | null, message = new Message('GET', URI)): { auth: AuthDigest; message: Message } {
  const auth = new AuthDigest({ authority: 'example.org:80', isForProxy: false })
  if (header !== null) expect(auth.update(message, header)).toBe(true)
  return { auth, message }
}

function sent(auth: AuthDigest, message: Message): ReadonlyMap<string, string> {
  const credentials = parseCredentials(auth.getAuthorization(message) ?? '')
  expect(credentials?.scheme).toBe('Digest')
  return credentials?.params ?? new Map<string, string>()
}

/** What a server that knows the password expects; `keyNonce` is the one that a -sess key was made with. */
function expected(params: ReadonlyMap<string, string>, method: string, body?: Buffer, keyNonce?: string): string {
  const get = (name: string): string => params.get(name) ?? ''
  const algorithm = get('algorithm') as DigestAlgorithm
  const secret = digestSecret(algorithm, 'user', get('realm'), 'secret')
  return digestResponse({
    algorithm,
    key: digestKey(algorithm, secret, keyNonce ?? get('nonce'), get('cnonce')),
    method,
    uri: get('uri'),
    nonce: get('nonce'),
    qop: (params.get('qop') ?? null) as DigestQop | null,
    cnonce: get('cnonce'),
    nonceCount: Number.parseInt(get('nc'), 16),
    ...(body && { body }),
  })
}

function respond(message: Message, fields: Record<string, string>): void {
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  for (const [name, value] of Object.entries(fields)) headers.append(name, value)
  messageState(message).setResponse(200, 'OK', headers)
}

describe('getAuthorization', () => {
  it.each(DIGEST_ALGORITHMS)('proves the password with %s', (algorithm) => {
    const { auth, message } = make(`Digest realm="r", nonce="n", opaque="o", qop="auth", algorithm=${algorithm}`)
    auth.authenticate('user', 'secret')
    const params = sent(auth, message)
    expect(Object.fromEntries(params)).toMatchObject({ username: 'user', realm: 'r', nonce: 'n', uri: '/a/b?c=d' })
    expect(Object.fromEntries(params)).toMatchObject({ opaque: 'o', qop: 'auth', nc: '00000001', algorithm })
    expect(params.get('response')).toBe(expected(params, 'GET'))
  })

  it('writes no quotes where there must be none, and escapes where there must be some', () => {
    const { auth, message } = make('Digest realm="a \\"b\\"", nonce="n\\\\", qop="auth"')
    auth.authenticate('us"er', 'p')
    const value = auth.getAuthorization(message) ?? ''
    expect(value).toContain('username="us\\"er", realm="a \\"b\\"", nonce="n\\\\", uri="/a/b?c=d", algorithm=MD5, ')
    expect(value).toMatch(/, cnonce="[\w-]{24}", nc=00000001, qop=auth$/)
  })

  it('does without qop where the server does (RFC 2069)', () => {
    const { auth, message } = make('Digest realm="r", nonce="n"')
    auth.authenticate('user', 'secret')
    const params = sent(auth, message)
    expect(params.has('qop') || params.has('nc') || params.has('cnonce')).toBe(false)
    expect(params.get('response')).toBe(expected(params, 'GET'))
  })

  it('counts how often the nonce was used', () => {
    const { auth, message } = make('Digest realm="r", nonce="n", qop="auth"')
    auth.authenticate('user', 'secret')
    expect([1, 2, 3].map(() => sent(auth, message).get('nc'))).toEqual(['00000001', '00000002', '00000003'])
  })

  it('names host and port in a CONNECT', () => {
    const { auth, message } = make('Digest realm="r", nonce="n"', new Message('CONNECT', 'https://[::1]/x'))
    auth.authenticate('user', 'secret')
    expect(sent(auth, message).get('uri')).toBe('[::1]:443')
  })

  it('hashes the user name where the server wants that', () => {
    const { auth, message } = make('Digest realm="r", nonce="n", userhash=true, algorithm=SHA-256')
    auth.authenticate('user', 'secret')
    const params = sent(auth, message)
    expect(params.get('username')).toBe(digestUserHash('SHA-256', 'user', 'r'))
    expect(params.get('userhash')).toBe('true')
    expect(params.get('response')).toBe(expected(params, 'GET'))
  })

  it('writes names that ASCII does not have', () => {
    const modern = make('Digest realm="r", nonce="n", charset=UTF-8')
    modern.auth.authenticate("Ja\u0308s\u00f8n (D'oe)", 'secret')
    const params = sent(modern.auth, modern.message)
    expect(params.get('username*')).toBe("UTF-8''J%C3%A4s%C3%B8n%20%28D%27oe%29")
    expect(params.has('username')).toBe(false)
    const old = make('Digest realm="r", nonce="n"')
    old.auth.authenticate('J\u00e4s', 'secret')
    expect(sent(old.auth, old.message).get('username')).toBe('J\u00c3\u00a4s')
  })
})

describe('auth-int', () => {
  const ONLY = 'Digest realm="r", nonce="n", qop="auth-int"'

  it('covers the body where nothing else is offered', () => {
    const message = new Message('POST', URI)
    message.setRequestBodyFromBytes('text/plain', Buffer.from('body'))
    const { auth } = make(ONLY, message)
    auth.authenticate('user', 'secret')
    const params = sent(auth, message)
    expect(params.get('qop')).toBe('auth-int')
    expect(params.get('response')).toBe(expected(params, 'POST', Buffer.from('body')))
  })

  it('is not ready with a body that is a stream, which can be hashed only by reading it', () => {
    const message = new Message('POST', URI)
    message.setRequestBody('text/plain', () => Readable.from(['body']))
    const { auth } = make(ONLY, message)
    auth.authenticate('user', 'secret')
    expect(auth.isAuthenticated).toBe(true)
    expect(auth.isReady(message)).toBe(false)
    expect(auth.isReady(new Message('GET', URI))).toBe(true)
    expect(make('Digest realm="r", nonce="n", qop="auth-int,auth"', message).auth.isReady(message)).toBe(false)
  })

  it('gives way to auth', () => {
    const { auth, message } = make('Digest realm="r", nonce="n", qop="auth-int, auth"')
    auth.authenticate('user', 'secret')
    expect(sent(auth, message).get('qop')).toBe('auth')
  })
})

describe('update', () => {
  it.each([
    ['without nonce', 'Digest realm="r"'],
    ['without realm', 'Digest nonce="n"'],
    ['with an algorithm nobody knows', 'Digest realm="r", nonce="n", algorithm=SHA-1'],
    ['with a qop nobody knows', 'Digest realm="r", nonce="n", qop="auth-conf"'],
    ['with a nonce too long to be sent back each time', `Digest realm="r", nonce="${'n'.repeat(5000)}"`],
  ])('refuses a challenge %s', (_name, header) => {
    expect(make(null).auth.update(new Message('GET', URI), header)).toBe(false)
  })

  it('keeps the credentials when only the nonce is stale', () => {
    const { auth, message } = make('Digest realm="r", nonce="n1", qop="auth", algorithm=MD5-sess')
    auth.authenticate('user', 'secret')
    const first = sent(auth, message)
    expect(auth.update(message, 'Digest realm="r", nonce="n2", qop="auth", algorithm=MD5-sess, stale=TRUE')).toBe(true)
    const second = sent(auth, message)
    expect(Object.fromEntries(second)).toMatchObject({ nonce: 'n2', nc: '00000001' })
    expect(second.get('cnonce')).not.toBe(first.get('cnonce'))
    expect(second.get('response')).toBe(expected(second, 'GET'))
    expect(auth.update(message, 'Digest realm="r", nonce="n3", qop="auth", algorithm=MD5-sess')).toBe(true)
    expect(auth.isAuthenticated).toBe(false)
  })

  it('keeps the newest nonce when messages that were sent with an older one are refused', () => {
    const { auth, message } = make('Digest realm="r", nonce="n1", qop="auth"')
    const other = new Message('GET', URI)
    auth.authenticate('user', 'secret')
    sent(auth, message)
    sent(auth, other)
    auth.update(message, 'Digest realm="r", nonce="n2", qop="auth", stale=true')
    expect(sent(auth, message).get('nonce')).toBe('n2')
    expect(auth.update(other, 'Digest realm="r", nonce="n3", qop="auth", stale=true')).toBe(true)
    expect(Object.fromEntries(sent(auth, other))).toMatchObject({ nonce: 'n2', nc: '00000002' })
    auth.update(other, 'Digest realm="r", nonce="n4", qop="auth", stale=true')
    expect(sent(auth, other).get('nonce')).toBe('n4')
  })

  it('forgets the credentials when a stale challenge changes the algorithm, for the password is not kept', () => {
    const { auth, message } = make('Digest realm="r", nonce="n1"')
    auth.authenticate('user', 'secret')
    expect(auth.update(message, 'Digest realm="r", nonce="n2", algorithm=SHA-256, stale=true')).toBe(true)
    expect(auth.isAuthenticated).toBe(false)
  })
})

describe('gotFinalResponse', () => {
  it('takes the next nonce; a -sess key stays', () => {
    const { auth, message } = make('Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256-sess')
    auth.authenticate('user', 'secret')
    sent(auth, message)
    respond(message, { 'Authentication-Info': 'nextnonce="n2"' })
    auth.gotFinalResponse(message)
    const params = sent(auth, message)
    expect(Object.fromEntries(params)).toMatchObject({ nonce: 'n2', nc: '00000001' })
    expect(params.get('response')).toBe(expected(params, 'GET', undefined, 'n1'))
  })

  it('checks that the server knows the password', () => {
    const { auth, message } = make('Digest realm="r", nonce="n", qop="auth"')
    auth.authenticate('user', 'secret')
    const params = sent(auth, message)
    const proof = expected(params, '')
    respond(message, { 'Authentication-Info': `qop=auth, rspauth="${proof}", nc=00000001` })
    auth.gotFinalResponse(message)
    respond(message, { 'Authentication-Info': `qop=auth, rspauth="${proof.replace(/./, (c) => (c === '0' ? '1' : '0'))}"` }) // prettier-ignore
    expect(() => auth.gotFinalResponse(message)).toThrow(AuthError)
    expect(() => auth.gotFinalResponse(message)).toThrow('does not prove that it knows the password')
    auth.messageFinished(message)
    auth.gotFinalResponse(message) // nothing is known of what was sent
  })

  it('listens to proxies in their own field', () => {
    const auth = new AuthDigest({ authority: 'proxy:3128', isForProxy: true })
    const message = new Message('GET', URI)
    auth.update(message, 'Digest realm="r", nonce="n1"')
    auth.authenticate('user', 'secret')
    respond(message, { 'Authentication-Info': 'nextnonce="no"', 'Proxy-Authentication-Info': 'nextnonce="yes"' })
    auth.gotFinalResponse(message)
    expect(sent(auth, message).get('nonce')).toBe('yes')
  })
})

describe('getProtectionSpace', () => {
  it.each([
    ['no domain', '', ['/']],
    ['paths', 'domain="/x /y/"', ['/x', '/y/']],
    ['URIs of this server', 'domain="http://example.org/x http://EXAMPLE.org:80/y"', ['/x', '/y']],
    ['other servers', 'domain="https://example.org/x http://example.com/y //example.net/z /w"', ['/w']],
    ['relative ones', 'domain="z"', ['/a/z']],
    ['what is no URI', 'domain="http://[ /w"', ['/w']],
  ])('%s', (_name, domain, spaces) => {
    const { auth } = make(`Digest realm="r", nonce="n", ${domain}`)
    expect(auth.getProtectionSpace(Uri.parse(URI))).toEqual(spaces)
  })
})
