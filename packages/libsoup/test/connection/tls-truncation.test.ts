// TLS connections that end without close_notify: a body whose length is known is not whole then, any other is.
import { withRawTlsServer, withRelay, CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { TlsDatabase } from '@wpe-networking/glib-gio'
import { beforeAll, describe, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'

let certificate: IssuedCertificate
let tlsDatabase: TlsDatabase

beforeAll(async () => {
  const authority = await CertificateAuthority.create()
  certificate = await authority.issue()
  tlsDatabase = new TlsDatabase([authority.certificatePem])
})

describe.each(['openssl', 'gnutls'] as const)('with %s', (tlsBackend) => {
  /** Loads from a server that answers with `answer` and then vanishes behind a relay. */
  async function load(answer: string): Promise<string> {
    const serve = (socket: NodeJS.ReadWriteStream): void => void socket.once('data', () => socket.write(answer))
    return await withRawTlsServer(serve, { certificate }, async (origin) => {
      return await withRelay(origin.port, async (relay) => {
        using session = new Session({ tlsDatabase, tlsBackend, proxyResolver: null })
        const message = new Message('GET', `https://localhost:${relay.port}/`)
        message.forceHttp1 = true
        const body = await session.send(message)
        const chunks: Buffer[] = []
        for await (const chunk of body) {
          chunks.push(chunk as Buffer)
          relay.truncate()
        }
        return Buffer.concat(chunks).toString()
      })
    })
  }

  test('a body that goes on until the end of the connection is whole', async () => {
    expect(await load('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello')).toBe('hello')
  })

  test('a body shorter than it should be is an error', async () => {
    const loading = load('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
    await expect(loading).rejects.toMatchObject({ domain: 'g-io-error-quark', code: 'PARTIAL_INPUT' })
  })

  test('so is one that lacks its last chunk', async () => {
    const loading = load('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    await expect(loading).rejects.toMatchObject({ domain: 'g-io-error-quark', code: 'PARTIAL_INPUT' })
  })
})
