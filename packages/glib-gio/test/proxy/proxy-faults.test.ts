// Proxies that misbehave, each with its own error; and what may never happen: going around one.

import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { describe, expect, it, vi } from 'vitest'
import {
  HttpProxy,
  HttpsProxy,
  NetworkAddress,
  Proxy,
  ProxyAddress,
  SimpleProxyResolver,
  SocketClient,
  SocketClientEvent,
  socketClientEventName,
  SocketConnection,
  TlsDatabase,
} from '@wpe-networking/glib-gio'
import type { ProxyResolver, SocketClientOptions, TlsBackendName } from '@wpe-networking/glib-gio'
import {
  CertificateAuthority,
  startRawServer,
  startUnacceptingServer,
  withRawServer,
  withSocksServer,
} from '@wpe-networking/test-support'
import { FakeResolver } from '../resolver/fake-resolver.ts'

const destination = new NetworkAddress('h.test', 4711, 'https')
const resolver = new FakeResolver({ 'h.test': ['127.0.0.1'] })

function clientOf(proxies: readonly string[], options: SocketClientOptions = {}): SocketClient {
  const proxyResolver: ProxyResolver = { isSupported: true, lookup: () => Promise.resolve(proxies) }
  return new SocketClient({ proxyResolver, resolver, timeout: 10, ...options })
}

/** Connects through a proxy that does `answer` with each connection. */
async function errorThrough(
  protocol: string,
  answer: (socket: Socket) => void,
  options?: SocketClientOptions,
): Promise<unknown> {
  return await withRawServer(answer, async ({ port }) => {
    const connecting = clientOf([`${protocol}://127.0.0.1:${port}`], options).connect(destination)
    return await connecting.then(
      () => 'connected',
      (error: unknown) => (error as { code: string }).code,
    )
  })
}

/** Says `replies` in turn, one for each chunk of the client's. */
function saying(...replies: (string | readonly number[])[]): (socket: Socket) => void {
  return (socket) => {
    socket.on('data', () => {
      const reply = replies.shift()
      if (reply !== undefined) socket.write(typeof reply === 'string' ? reply : Buffer.from(reply))
    })
  }
}

describe('an HTTP proxy', () => {
  it.each([
    ['HTTP/1.1 403 Forbidden\r\n\r\n', 'PROXY_NOT_ALLOWED'],
    ['HTTP/1.0 407 Proxy Authentication Required\r\n\r\n', 'PROXY_NEED_AUTH'],
    ['HTTP/1.1 401 Unauthorized\r\n\r\n', 'PROXY_FAILED'],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n', 'PROXY_FAILED'],
    ['HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n', 'PROXY_FAILED'],
    ['HTTP/2 200\r\n\r\n', 'PROXY_FAILED'],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'PROXY_FAILED'],
    ['SSH-2.0-OpenSSH\r\n\r\n', 'PROXY_FAILED'],
    ['\r\n\r\n', 'PROXY_FAILED'],
    ['HTTP/1.1 200 OK\r\n\r\n', 'connected'],
    ['HTTP/1.0 200\r\n\r\n', 'connected'],
  ])('that answers %j makes it %s', async (reply, code) => {
    expect(await errorThrough('http', saying(reply))).toBe(code)
  })

  it('that closes, resets, never ends its answer, or says nothing, each has its error', async () => {
    const end = (socket: Socket): void => void socket.end()
    const half = (socket: Socket): void => void socket.end('HTTP/1.1 200 OK\r\n')
    const reset = (socket: Socket): void => void socket.once('data', () => socket.resetAndDestroy())
    const endless = (socket: Socket): void => {
      const more = (): void => {
        while (socket.writable && socket.write('X-More: and more\r\n'));
      }
      socket.write('HTTP/1.1 200 OK\r\n')
      socket.on('drain', more)
      more()
    }
    expect(await errorThrough('http', end)).toBe('PROXY_FAILED')
    expect(await errorThrough('http', half)).toBe('PROXY_FAILED')
    expect(await errorThrough('http', reset)).toBe('CONNECTION_CLOSED')
    expect(await errorThrough('http', endless)).toBe('PROXY_FAILED')
    expect(await errorThrough('http', () => undefined, { timeout: 0.1 })).toBe('TIMED_OUT')
  })

  it('gets one request, with the headers it was made to send, and may answer in single bytes', async () => {
    const head = 'HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n'
    let request = ''
    await withRawServer(
      (socket) => {
        socket.on('data', (data) => (request += data.toString()))
        const bytes = [...Buffer.from(`${head}hello`)]
        const next = (): void => {
          const byte = bytes.shift()
          if (byte === undefined) socket.end()
          else socket.write(Buffer.of(byte), () => setImmediate(next))
        }
        socket.once('data', next)
      },
      async ({ port }) => {
        Proxy.setDefaultForProtocol('http', new HttpProxy({ headers: { 'X-Route': 'blue' } }))
        try {
          const connection = await clientOf([`http://u:p%20w@127.0.0.1:${port}`]).connect(destination)
          let text = ''
          for await (const chunk of connection.ioStream as AsyncIterable<Buffer>) text += chunk.toString()
          expect(text).toBe('hello')
        } finally {
          Proxy.setDefaultForProtocol('http', null)
        }
      },
    )
    expect(request).toBe(
      'CONNECT h.test:4711 HTTP/1.0\r\nHost: h.test:4711\r\nProxy-Connection: keep-alive\r\n' +
        'Proxy-Authorization: Basic dTpwIHc=\r\nX-Route: blue\r\n\r\n',
    )
    expect(() => new HttpProxy({ headers: { 'X-A': 'a\r\nX-B: b' } })).toThrow(TypeError)
  })

  it('is told nothing that a name could smuggle in', async () => {
    const proxy = new HttpProxy()
    await withRawServer(
      (socket) => socket.resume(),
      async ({ port }) => {
        const socket = (await new SocketClient().connectToHost('127.0.0.1', port)).ioStream
        const address = new ProxyAddress({
          address: (await resolver.lookupByName('127.0.0.1'))[0]!,
          port,
          protocol: 'http',
          destinationHostname: 'h.test HTTP/1.0\r\nX-Evil: 1\r\n\r\n',
          destinationPort: 1,
        })
        await expect(proxy.connect(socket, address)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        socket.destroy()
      },
    )
  })
})

describe.each<TlsBackendName>(['openssl', 'gnutls'])('an HTTPS proxy, spoken to through %s,', (backend) => {
  it.each<[string, (socket: TLSSocket) => void, string]>([
    ['refuses', (socket) => void socket.write('HTTP/1.0 403 Forbidden\r\n\r\n'), 'PROXY_NOT_ALLOWED'],
    ['never ends its answer', (socket) => void socket.write('x'.repeat(100_000)), 'PROXY_FAILED'],
    ['closes without notice', (socket) => void socket.destroy(), 'FAILED'],
  ])('that %s is an error of the connection, and of nobody else', async (_, answer, code) => {
    const authority = await CertificateAuthority.create()
    const { certificatePem: cert, privateKeyPem: key } = await authority.issue({ dnsNames: ['proxy.test'] })
    const server = createTlsServer({ cert, key }, (socket) => {
      socket.on('error', () => undefined).once('data', () => answer(socket))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const database = new TlsDatabase([authority.certificatePem])
    Proxy.setDefaultForProtocol('https', new HttpsProxy({ tls: { backend, database } }))
    try {
      const { port } = server.address() as AddressInfo
      const client = clientOf([`https://proxy.test:${port}`], {
        resolver: new FakeResolver({ 'proxy.test': ['127.0.0.1'] }),
      })
      await expect(client.connect(destination)).rejects.toMatchObject({ domain: 'g-io-error-quark', code })
    } finally {
      Proxy.setDefaultForProtocol('https', null)
      await new Promise((resolve) => server.close(resolve))
    }
  })
})

describe('a SOCKS5 proxy', () => {
  const GRANTED = [5, 0, 0, 1, 127, 0, 0, 1, 0, 0]
  it.each([
    ['refuses every method', [[5, 0xff]], 'PROXY_NEED_AUTH'],
    ['wants GSSAPI', [[5, 1]], 'PROXY_AUTH_FAILED'],
    ['is version 4', [[4, 0]], 'PROXY_FAILED'],
    ['is a web server', ['HTTP/1.1 400 Bad Request\r\n\r\n'], 'PROXY_FAILED'],
    [
      'fails',
      [
        [5, 0],
        [5, 1, 0, 1],
      ],
      'PROXY_FAILED',
    ],
    [
      'does not allow it',
      [
        [5, 0],
        [5, 2, 0, 1],
      ],
      'PROXY_NOT_ALLOWED',
    ],
    [
      'cannot reach the network',
      [
        [5, 0],
        [5, 3, 0, 1],
      ],
      'NETWORK_UNREACHABLE',
    ],
    [
      'cannot reach the host',
      [
        [5, 0],
        [5, 4, 0, 1],
      ],
      'HOST_UNREACHABLE',
    ],
    [
      'is refused',
      [
        [5, 0],
        [5, 5, 0, 1],
      ],
      'CONNECTION_REFUSED',
    ],
    [
      'is too far away',
      [
        [5, 0],
        [5, 6, 0, 1],
      ],
      'HOST_UNREACHABLE',
    ],
    [
      'does not connect',
      [
        [5, 0],
        [5, 7, 0, 1],
      ],
      'PROXY_FAILED',
    ],
    [
      'does not know names',
      [
        [5, 0],
        [5, 8, 0, 1],
      ],
      'PROXY_FAILED',
    ],
    [
      'has errors of its own',
      [
        [5, 0],
        [5, 99, 0, 1],
      ],
      'PROXY_FAILED',
    ],
    [
      'has addresses of its own',
      [
        [5, 0],
        [5, 0, 0, 9],
      ],
      'PROXY_FAILED',
    ],
    [
      'changes its version',
      [
        [5, 0],
        [4, 0, 0, 1],
      ],
      'PROXY_FAILED',
    ],
    ['answers with an IPv4 address', [[5, 0], GRANTED], 'connected'],
    [
      'answers with an IPv6 address',
      [
        [5, 0],
        [5, 0, 0, 4, ...new Array<number>(18).fill(0)],
      ],
      'connected',
    ],
    [
      'answers with a name',
      [
        [5, 0],
        [5, 0, 0, 3, 2, 65, 66, 0, 0],
      ],
      'connected',
    ],
    [
      'answers with an empty name',
      [
        [5, 0],
        [5, 0, 0, 3, 0, 0, 0],
      ],
      'connected',
    ],
  ])('that %s', async (_, replies, code) => {
    expect(await errorThrough('socks5', saying(...replies))).toBe(code)
  })

  it('that closes in the middle, or stalls', async () => {
    const half = (socket: Socket): void => {
      saying([5, 0])(socket)
      socket.once('data', () => socket.once('data', () => socket.end(Buffer.of(5, 0, 0))))
    }
    expect(await errorThrough('socks5', half)).toBe('PROXY_FAILED')
    expect(await errorThrough('socks5', saying([5, 0]), { timeout: 0.1 })).toBe('TIMED_OUT')
  })

  it('gets no name or password that is too long for it', async () => {
    await withRawServer(saying([5, 2]), async ({ port }) => {
      const connecting = clientOf([`socks5://u:${'p'.repeat(256)}@127.0.0.1:${port}`]).connect(destination)
      await expect(connecting).rejects.toMatchObject({ code: 'PROXY_FAILED' })
    })
  })
})

describe('a SOCKS4 proxy', () => {
  it.each([
    ['rejects', [0, 91, 0, 0, 0, 0, 0, 0], 'PROXY_FAILED'],
    ['is none', [5, 90, 0, 0, 0, 0, 0, 0], 'PROXY_FAILED'],
    ['grants', [0, 90, 0, 0, 0, 0, 0, 0], 'connected'],
  ])('that %s', async (_, reply, code) => {
    expect(await errorThrough('socks4', saying(reply))).toBe(code)
    expect(await errorThrough('socks4a', saying(reply))).toBe(code)
  })
})

describe('several proxies', () => {
  it('are tried in order, and then the destination where the resolver says so', async () => {
    await withSocksServer({ user: 'nobody' }, async (locked) => {
      await withSocksServer({}, async (open) => {
        await withRawServer(
          (socket) => socket.end('hello'),
          async ({ port }) => {
            const refusing = 'http://127.0.0.1:1'
            const failing = `socks5://127.0.0.1:${locked.port}`
            const through = async (...proxies: string[]): Promise<string> => {
              const connection = await clientOf(proxies).connect(new NetworkAddress('h.test', port))
              const { remoteAddress } = connection
              connection.ioStream.destroy()
              return remoteAddress.toString()
            }
            expect(await through(refusing, failing, `socks5://127.0.0.1:${open.port}`, 'direct://')).toBe(
              `127.0.0.1:${open.port}`,
            )
            expect(await through('http://unknown.test', 'http:', refusing, 'direct://')).toBe(`127.0.0.1:${port}`)
            await expect(through(failing, refusing)).rejects.toMatchObject({ code: 'PROXY_NEED_AUTH' })
            await expect(through(refusing, failing)).rejects.toMatchObject({ code: 'PROXY_NEED_AUTH' })
          },
        )
      })
    })
  })

  it('do not race: the next waits until the first has failed, however slow that is', async () => {
    const silent = await startUnacceptingServer()
    const direct = await startRawServer((socket) => socket.end())
    try {
      const client = clientOf([`http://127.0.0.1:${silent.port}`, 'direct://'], { timeout: 0.6 })
      const connecting: string[] = []
      client.on('event', (event, _, connection) => {
        if (event !== SocketClientEvent.CONNECTING || !(connection instanceof SocketConnection)) return
        connecting.push(connection.remoteAddress.toString())
        expect(direct.connectionCount).toBe(0)
      })
      const connection = await client.connect(new NetworkAddress('h.test', direct.port))
      expect(connecting).toEqual([`127.0.0.1:${silent.port}`, `127.0.0.1:${direct.port}`])
      await connection.close()
    } finally {
      await Promise.all([silent.close(), direct.close()])
    }
  })
})

describe('a proxy is never gone around', () => {
  it.each([
    ['speaks a protocol nobody knows', ['gopher://127.0.0.1:1'], 'NOT_SUPPORTED'],
    ['has no valid URI', ['127.0.0.1:1'], 'INVALID_ARGUMENT'],
    ['has no host', ['http:///'], 'INVALID_ARGUMENT'],
    ['has a name that is not found', ['http://unknown.test:1'], 'NOT_FOUND'],
    ['cannot be reached', ['http://127.0.0.1:1'], 'CONNECTION_REFUSED'],
    ['is not named at all', [], 'PROXY_FAILED'],
  ])('that %s', async (_, proxies, code) => {
    const server = await startRawServer((socket) => socket.end())
    try {
      const connecting = clientOf(proxies).connect(new NetworkAddress('127.0.0.1', server.port))
      await expect(connecting).rejects.toMatchObject({ code })
      expect(server.connectionCount).toBe(0)
    } finally {
      await server.close()
    }
  })

  it('when the resolver fails, which is then the error', async () => {
    const lookup = (): Promise<never> => Promise.reject(new Error('no answer'))
    const client = new SocketClient({ proxyResolver: { isSupported: true, lookup }, resolver })
    await expect(client.connect(destination)).rejects.toThrow('no answer')
  })
})

describe('application proxies', () => {
  it('are connected to, and the rest is left to the application', async () => {
    await withRawServer(
      (socket) => socket.pipe(socket),
      async ({ port }) => {
        const client = clientOf([`http://user:pass@127.0.0.1:${port}`], { tls: true })
        client.addApplicationProxy('http')
        const events: string[] = []
        client.on('event', (event) => events.push(socketClientEventName(event)))
        const connection = await client.connect(destination)
        expect(events).toEqual(['RESOLVING', 'RESOLVED', 'CONNECTING', 'CONNECTED', 'COMPLETE'])
        expect(connection.remoteAddress).toMatchObject({
          protocol: 'http',
          destinationHostname: 'h.test',
          destinationPort: 4711,
          destinationProtocol: 'https',
          username: 'user',
          password: 'pass',
          uri: `http://user:pass@127.0.0.1:${port}`,
        })
        expect(connection.remoteAddress.toString()).toBe(`127.0.0.1:${port}`)
        connection.ioStream.write('still mine')
        expect(String((await once(connection.ioStream, 'data'))[0])).toBe('still mine')
        await connection.close()
      },
    )
  })
})

describe('aborting', () => {
  it.each(['http', 'https', 'socks4', 'socks4a', 'socks5'])(
    'while %s is negotiated rejects with CANCELLED and leaves nothing',
    async (protocol) => {
      await withRawServer(
        (socket) => socket.resume(),
        async (server) => {
          vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
          try {
            const abort = new AbortController()
            const client = clientOf([`${protocol}://127.0.0.1:${server.port}`])
            let connection: unknown
            client.on('event', (event, _, about) => {
              if (event !== SocketClientEvent.PROXY_NEGOTIATING) return
              connection = about
              setImmediate(() => abort.abort())
            })
            const connecting = client.connect(destination, { signal: abort.signal })
            await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' })
            expect((connection as SocketConnection).isClosed).toBe(true)
            expect(vi.getTimerCount()).toBe(0)
          } finally {
            vi.useRealTimers()
          }
        },
      )
    },
  )

  it('while proxies are looked up rejects with CANCELLED', async () => {
    const abort = new AbortController()
    const proxyResolver = new SimpleProxyResolver('http://slow.test')
    const slow = new FakeResolver({ 'slow.test': new Promise(() => undefined) })
    const connecting = new SocketClient({ proxyResolver, resolver: slow }).connect(destination, {
      signal: abort.signal,
    })
    setImmediate(() => abort.abort())
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
