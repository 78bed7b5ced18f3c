// Messages through real HTTP proxies: https and http alike go through a tunnel (CONNECT).

import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  ProxyResolver,
  SimpleProxyResolver,
  SocketClientEvent,
  TlsCertificate,
  TlsDatabase,
} from '@wpe-networking/glib-gio'
import { CertificateAuthority, hasSquid, withHttp2Server, withServer, withSquid } from '@wpe-networking/test-support'
import { HTTPVersion, Message, Session } from '../../src/index.ts'

let authority: CertificateAuthority
let tlsDatabase: TlsDatabase

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
})

afterEach(() => ProxyResolver.setDefault(null))

describe.skipIf(!hasSquid())('through squid', () => {
  test('https goes over HTTP/2 to the destination, whose certificate counts, with the events of the proxy', async () => {
    const certificate = await authority.issue({ dnsNames: ['localhost'] })
    await withHttp2Server(
      (_request, response) => void response.end('secret'),
      { certificate },
      async ({ port }) => {
        await withSquid({}, async (proxy) => {
          const proxyResolver = new SimpleProxyResolver(`http://127.0.0.1:${proxy.port}`)
          using session = new Session({ tlsDatabase, proxyResolver })
          const message = new Message('GET', `https://localhost:${port}/`)
          const events: SocketClientEvent[] = []
          message.on('network-event', (event) => events.push(event))
          expect((await session.sendAndRead(message)).toString()).toBe('secret')
          expect(message.httpVersion).toBe(HTTPVersion.HTTP_2_0)
          expect(events).toEqual([
            SocketClientEvent.RESOLVING,
            SocketClientEvent.RESOLVED,
            SocketClientEvent.CONNECTING,
            SocketClientEvent.CONNECTED,
            SocketClientEvent.PROXY_NEGOTIATING,
            SocketClientEvent.PROXY_NEGOTIATED,
            SocketClientEvent.TLS_HANDSHAKING,
            SocketClientEvent.TLS_HANDSHAKED,
            SocketClientEvent.COMPLETE,
          ])
        })
      },
    )
  })

  test('http goes through it too, by the default of the process; null goes direct', async () => {
    await withServer(
      (request, response) => void response.end(`${request.url} via ${request.headers.via ?? 'nobody'}`),
      async ({ origin }) => {
        await withSquid({ user: 'alice', password: 'secret7' }, async (proxy) => {
          const send = async (session: Session): Promise<string> =>
            (await session.sendAndRead(new Message('GET', `${origin}/path`))).toString()

          ProxyResolver.setDefault(new SimpleProxyResolver(`http://alice:secret7@127.0.0.1:${proxy.port}`))
          using through = new Session()
          expect(await send(through)).toBe('/path via nobody')
          ProxyResolver.setDefault(new SimpleProxyResolver(`http://alice:wrong@127.0.0.1:${proxy.port}`))
          using refused = new Session()
          await expect(send(refused)).rejects.toMatchObject({ code: 'PROXY_AUTH_FAILED' })
          using direct = new Session({ proxyResolver: null })
          expect(await send(direct)).toBe('/path via nobody')
        })
      },
    )
  })
})
