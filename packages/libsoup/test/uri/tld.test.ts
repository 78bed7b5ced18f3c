import { describe, expect, test } from 'vitest'
import { TLDError, tldDomainIsPublicSuffix, tldGetBaseDomain } from '../../src/index.ts'
import { siteOf } from '../../src/uri/tld.ts'

describe('the base domain', () => {
  test.each([
    ['www.example.com', 'example.com'],
    ['example.co.uk', 'example.co.uk'],
    ['a.b.Example.co.UK', 'Example.co.UK'],
    ['user.github.io', 'user.github.io'],
    ['www.食狮.公司.cn', '食狮.公司.cn'],
    ['www.xn--85x722f.xn--55qx5d.cn', 'xn--85x722f.xn--55qx5d.cn'],
    ['www.ck', 'www.ck'],
  ])('of %s is %s', (hostname, domain) => {
    expect(tldGetBaseDomain(hostname)).toBe(domain)
  })

  test.each([
    ['', 'INVALID_HOSTNAME'],
    ['.example.com', 'INVALID_HOSTNAME'],
    ['a..example.com', 'INVALID_HOSTNAME'],
    ['xn--iñvalid.com', 'INVALID_HOSTNAME'],
    [`${'a'.repeat(300)}.com`, 'INVALID_HOSTNAME'],
    ['127.0.0.1', 'IS_IP_ADDRESS'],
    ['::1', 'IS_IP_ADDRESS'],
    ['com', 'NOT_ENOUGH_DOMAINS'],
    ['co.uk', 'NOT_ENOUGH_DOMAINS'],
    ['github.io', 'NOT_ENOUGH_DOMAINS'],
    ['localhost', 'NO_BASE_DOMAIN'],
    ['www.intranet.invented', 'NO_BASE_DOMAIN'],
  ])('of %j is an error: %s', (hostname, code) => {
    expect(() => tldGetBaseDomain(hostname)).toThrow(TLDError)
    expect(() => tldGetBaseDomain(hostname)).toThrow(expect.objectContaining({ domain: 'soup-tld-error-quark', code }))
  })
})

test.each([
  ['com', true],
  ['co.uk', true],
  ['.co.uk', true],
  ['CO.UK', true],
  ['github.io', true],
  ['公司.cn', true],
  ['any.ck', true],
  ['www.ck', false],
  ['example.com', false],
  ['localhost', false],
  ['127.0.0.1', false],
  ['', false],
  ['.', false],
])('%j is a public suffix: %s', (domain, is) => {
  expect(tldDomainIsPublicSuffix(domain)).toBe(is)
})

test.each([
  ['www.example.com', 'example.com'],
  ['a.b.invented', 'b.invented'],
  ['localhost', 'localhost'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['co.uk', 'co.uk'],
  ['', ''],
  ['..', '..'],
])('the site of %j is %j', (hostname, site) => {
  expect(siteOf(hostname)).toBe(site)
})
