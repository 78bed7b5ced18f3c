// Node's text form of names, with the ways a name can try to look like two.
import { expect, it } from 'vitest'
import { subjectAltNames } from '../../src/certificates/subject-alt-names.ts'

it.each([
  [undefined, [], []],
  ['', [], []],
  ['DNS:a.test', ['a.test'], []],
  ['DNS:a.test, DNS:b.test, IP Address:127.0.0.1', ['a.test', 'b.test'], ['127.0.0.1']],
  ['URI:https://a.test/, email:me@a.test, DNS:b.test', ['b.test'], []],
  ['IP Address:2001:DB8:0:0:0:0:0:1', [], ['2001:db8::1']],
  ['DNS:"a.test, DNS:evil.test"', ['a.test, DNS:evil.test'], []],
  ['URI:"http://a/, DNS:evil.test", DNS:b.test', ['b.test'], []],
  ['DNS:"quote\\" and \\u0000"', ['quote" and \0'], []],
  ['DNS:"broken', [], []],
])('reads %j', (text, dnsNames, ipAddresses) => {
  expect(subjectAltNames(text)).toEqual({ dnsNames, ipAddresses })
})
