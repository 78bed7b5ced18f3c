// The authorities in a CertificateRequest of either form; whatever is malformed has none.
import { expect, it } from 'vitest'
import { acceptedCasOf } from '../src/certificate-request/accepted-cas.ts'

const names = [Buffer.from('300d310b3009', 'hex'), Buffer.from('3000', 'hex')]
const list = vector(2, Buffer.concat(names.map((name) => vector(2, name))))
const extension = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([0, type]), vector(2, body)])

const messages: readonly (readonly [string, boolean, Buffer])[] = [
  ['TLS 1.2', false, Buffer.concat([vector(1, Buffer.from([1, 64])), vector(2, Buffer.from([4, 3])), list])],
  [
    'TLS 1.3',
    true,
    Buffer.concat([
      vector(1, Buffer.alloc(0)),
      vector(2, Buffer.concat([extension(13, names[0] as Buffer), extension(47, list)])),
    ]),
  ],
]

function vector(lengthBytes: number, body: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes)
  length.writeUIntBE(body.length, 0, lengthBytes)
  return Buffer.concat([length, body])
}

it.each(messages)('%s', (_, tls13, message) => {
  expect(acceptedCasOf(message, tls13)).toEqual(names)
})

it.each(messages)('%s, cut off anywhere', (_, tls13, message) => {
  for (let length = 0; length < message.length; length++) {
    expect(acceptedCasOf(message.subarray(0, length), tls13)).toEqual([])
  }
})

it('TLS 1.3 without the extension', () => {
  const message = Buffer.concat([vector(1, Buffer.alloc(0)), vector(2, extension(13, Buffer.from([4, 3])))])
  expect(acceptedCasOf(message, true)).toEqual([])
})
