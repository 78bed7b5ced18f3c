// Loads from a WebProcess connection through the NetworkProcess to real origins and back.
import { withRawServer, withServer, CertificateAuthority, withTlsServer } from '@wpe-networking/test-support'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resourceLoaderChannel, type ResourceLoaderEvent } from '../src/index.ts'
import { load, loadParameters, TestNetworkProcess } from './support.ts'

let network: TestNetworkProcess
beforeEach(async () => {
  network = await TestNetworkProcess.start()
})
afterEach(() => network.close())

describe('a load', () => {
  test('brings response, body and the times of every stage, in order', async () => {
    const origin = withServer(
      (_request, response) => {
        response.setHeader('Content-Type', 'Text/Plain; charset=utf-8')
        response.end('hello')
      },
      async (server) => {
        const connection = await network.connect(7)
        const loaded = await load(connection, loadParameters(`${server.origin}/a`))
        expect(loaded.error).toBeNull()
        expect(loaded.response).toMatchObject({
          url: `${server.origin}/a`,
          httpStatusCode: 200,
          httpStatusText: 'OK',
          httpVersion: 'HTTP/1.1',
          mimeType: 'text/plain',
          textEncodingName: 'utf-8',
          expectedContentLength: 5,
          protocol: 'http/1.1',
          source: 'network',
          isRedirected: false,
          remoteAddress: `127.0.0.1:${server.port}`,
          tls: null,
        })
        expect(loaded.body.toString()).toBe('hello')
        const { metrics } = loaded
        const stages = [
          metrics?.receivedByNetworkProcess,
          metrics?.fetchStart,
          metrics?.connectStart,
          metrics?.connectEnd,
          metrics?.requestStart,
          metrics?.responseStart,
          metrics?.responseEnd,
        ] as number[]
        expect(stages.every((time) => time > 0)).toBe(true)
        expect([...stages].sort((a, b) => a - b)).toEqual(stages)
        expect(metrics).toMatchObject({ redirectCount: 0, responseBodyBytesReceived: 5, responseBodyDecodedSize: 5 })
      },
    )
    await origin
  })

  test('sends method, headers and body, but no header that is not the page’s to set', async () => {
    await withServer(
      async (request, response) => {
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk as Buffer)
        response.end(JSON.stringify([request.method, request.headers, Buffer.concat(chunks).toString()]))
      },
      async (server) => {
        const { body } = await load(
          await network.connect(),
          loadParameters(`${server.origin}/`, {
            httpMethod: 'POST',
            httpBody: Buffer.from('a=b'),
            httpHeaderFields: [
              ['Content-Type', 'application/x-www-form-urlencoded'],
              ['X-Page', 'yes'],
              ['Host', 'other.example'],
              ['Cookie', 'forged=1'],
              ['Transfer-Encoding', 'chunked'],
              ['Content-Length', '77'],
            ],
          }),
        )
        const [method, headers, sent] = JSON.parse(body.toString()) as [string, Record<string, string>, string]
        expect(method).toBe('POST')
        expect(sent).toBe('a=b')
        expect(headers).toMatchObject({
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': '3',
          'x-page': 'yes',
          host: `127.0.0.1:${server.port}`,
          'user-agent': 'test/1.0',
        })
        expect(headers['cookie']).toBeUndefined()
        expect(headers['transfer-encoding']).toBeUndefined()
      },
    )
  })

  test('keeps cookies in the NetworkProcess: set, sent back, and never shown to the page', async () => {
    await withServer(
      (request, response) => {
        response.setHeader('Set-Cookie', ['id=42; HttpOnly', 'other=1'])
        response.end(request.headers.cookie ?? 'none')
      },
      async (server) => {
        const connection = await network.connect()
        const first = { firstPartyForCookies: `${server.origin}/` }
        const loaded = await load(connection, loadParameters(`${server.origin}/`, first))
        expect(loaded.body.toString()).toBe('none')
        expect(loaded.response?.httpHeaderFields.map(([name]) => name.toLowerCase())).not.toContain('set-cookie')
        const again = await load(connection, loadParameters(`${server.origin}/`, first))
        expect(again.body.toString()).toBe('id=42; other=1')
        const without = await load(connection, loadParameters(`${server.origin}/`, { ...first, allowCookies: false }))
        expect(without.body.toString()).toBe('none')
      },
    )
  })

  test('decodes a compressed body and counts both sizes', async () => {
    const text = 'compressible '.repeat(1000)
    const compressed = gzipSync(text)
    await withServer(
      (_request, response) => response.setHeader('Content-Encoding', 'gzip').end(compressed) as never,
      async (server) => {
        const { body, metrics } = await load(await network.connect(), loadParameters(`${server.origin}/`))
        expect(body.toString()).toBe(text)
        expect(metrics).toMatchObject({
          responseBodyBytesReceived: compressed.length,
          responseBodyDecodedSize: text.length,
        })
      },
    )
  })

  test.each([
    ['markup', '  <!DOCTYPE html><p>', true, 'text/html'],
    ['text', 'plain words', true, 'text/plain'],
    ['bytes', '\x00\x01', true, 'application/octet-stream'],
    ['nothing', '', true, 'text/plain'],
    ['markup, unasked', '<!DOCTYPE html><p>', false, ''],
  ])('finds the type of %s that comes without one', async (_what, text, contentSniffing, mimeType) => {
    await withServer(
      (_request, response) => void response.end(text),
      async (server) => {
        const loaded = await load(await network.connect(), loadParameters(`${server.origin}/`, {}, { contentSniffing }))
        expect(loaded.response?.mimeType).toBe(mimeType)
        expect(loaded.body.toString()).toBe(text)
      },
    )
  })

  test('reports what TLS agreed on, given the authority', async () => {
    const authority = await CertificateAuthority.create()
    const certificate = await authority.issue({ dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] })
    const trusting = await TestNetworkProcess.start({ caFile: authority.certificatePem })
    await withTlsServer(
      (_request, response) => void response.end('secret'),
      { certificate },
      async (server) => {
        const { response, metrics } = await load(await trusting.connect(), loadParameters(`${server.origin}/`))
        expect(response?.tls).toMatchObject({ backend: 'openssl', protocol: 'TLSv1.3' })
        expect(response?.tls?.cipher).toMatch(/^TLS_/)
        expect(metrics?.secureConnectionStart).toBeGreaterThan(0)

        const { error } = await load(await network.connect(), loadParameters(`${server.origin}/`))
        expect(error).toMatchObject({ domain: 'g-tls-error-quark', code: 'BAD_CERTIFICATE', tlsErrors: 1 })

        const careless = await TestNetworkProcess.start({ ignoreTLSErrors: true })
        expect((await load(await careless.connect(), loadParameters(`${server.origin}/`))).body.toString()).toBe(
          'secret',
        )
        careless.close()
      },
    )
    trusting.close()
  })

  test('is traced step by step under one request id', async () => {
    const stages: string[] = []
    const listener = (event: unknown): void => {
      const { requestId, stage } = event as ResourceLoaderEvent
      stages.push(`${requestId} ${stage}`)
    }
    resourceLoaderChannel.subscribe(listener)
    await withServer(
      (_request, response) => void response.end('x'),
      async (server) => load(await network.connect(9), loadParameters(`${server.origin}/`)),
    )
    resourceLoaderChannel.unsubscribe(listener)
    expect(stages).toEqual(['9-1 scheduled', '9-1 started', '9-1 received-response', '9-1 finished'])
  })
})

describe('a failing load', () => {
  test('keeps domain, code and sentence of the layer that failed', async () => {
    const connection = await network.connect()
    const refused = await load(connection, loadParameters('http://127.0.0.1:1/'))
    expect(refused.error).toMatchObject({
      domain: 'g-io-error-quark',
      code: 'CONNECTION_REFUSED',
      failingURL: 'http://127.0.0.1:1/',
      type: 'General',
    })
    const unknown = await load(connection, loadParameters('gopher://example.org/'))
    expect(unknown.error).toMatchObject({ domain: 'WebKitNetworkError', code: 'UNKNOWN_PROTOCOL' })
    const unparsable = await load(connection, loadParameters('http://['))
    expect(unparsable.error).toMatchObject({ domain: 'WebKitNetworkError', code: 'BAD_URL' })
    const forbidden = await load(connection, loadParameters('http://127.0.0.1:1/', { httpMethod: 'TRACE' }))
    expect(forbidden.error).toMatchObject({ code: 'FAILED', type: 'AccessControl' })
  })

  test('delivers what came before a body was cut short', async () => {
    const received = Promise.withResolvers<void>()
    await withRawServer(
      (socket) =>
        void socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
          void received.promise.then(() => socket.end())
        }),
      async (server) => {
        const parameters = loadParameters(`http://127.0.0.1:${server.port}/`)
        const loaded = await load(await network.connect(), parameters, { didReceiveData: () => received.resolve() })
        expect(loaded.body.toString()).toBe('half')
        expect(loaded.error).toMatchObject({ domain: 'g-io-error-quark', code: 'PARTIAL_INPUT' })
      },
    )
  })

  test('times out when the server is silent for the timeout interval', async () => {
    await withRawServer(
      () => undefined,
      async (server) => {
        const parameters = loadParameters(`http://127.0.0.1:${server.port}/`, { timeoutInterval: 0.05 })
        const { error } = await load(await network.connect(), parameters)
        expect(error).toMatchObject({ domain: 'g-io-error-quark', code: 'TIMED_OUT', type: 'Timeout' })
      },
    )
  })
})

describe('a load that is cancelled', () => {
  test('lets go of its connection to the server and is heard of no more', async () => {
    const gone = Promise.withResolvers<void>()
    await withServer(
      (request, response) => {
        request.socket.on('close', () => gone.resolve())
        response.write('first')
      },
      async (server) => {
        const connection = await network.connect()
        const calls: string[] = []
        const loader = connection.scheduleResourceLoad(loadParameters(`${server.origin}/`), {
          willSendRequest: (request) => request,
          didReceiveResponse: () => calls.push('response'),
          didReceiveData: () => {
            calls.push('data')
            loader.cancel()
          },
          didFinishResourceLoad: () => calls.push('finish'),
          didFailResourceLoad: () => calls.push('fail'),
        })
        await gone.promise
        expect(calls).toEqual(['response', 'data'])
        expect(connection.loadCount).toBe(0)
      },
    )
  })

  test('because its WebProcess is gone closes its connection to the server', async () => {
    const gone = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    await withServer(
      (request) => {
        request.socket.on('close', () => gone.resolve())
        asked.resolve()
      },
      async (server) => {
        const connection = await network.connect(3)
        const lost = load(connection, loadParameters(`${server.origin}/`))
        await asked.promise
        connection.close()
        expect((await lost).error).toMatchObject({ domain: 'WebKitNetworkError', code: 'NETWORK_PROCESS_CRASHED' })
        await gone.promise
        await network.reported()
        expect(network.closedConnections).toEqual([3])
        expect(network.networkProcess.connectionCount).toBe(0)
      },
    )
  })

  test('because the NetworkProcess is gone fails at once, also when it is asked for afterwards', async () => {
    await withServer(
      () => undefined,
      async (server) => {
        const connection = await network.connect()
        const lost = load(connection, loadParameters(`${server.origin}/`))
        network.close()
        expect((await lost).error?.code).toBe('NETWORK_PROCESS_CRASHED')
        const late = await load(connection, loadParameters(`${server.origin}/`))
        expect(late.error?.code).toBe('NETWORK_PROCESS_CRASHED')
      },
    )
  })
})
