import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { CertificateAuthority, withRawServer, withTlsServer } from '@wpe-networking/test-support'
import { loadTlsBackend, SocketClient, TlsDatabase } from '@wpe-networking/glib-gio'
import { describeTls } from '../examples/choose-tls-library.ts'
import { compressAndCheck } from '../examples/compress.ts'
import { connectPrivately } from '../examples/dns-over-https.ts'
import { startEchoServer } from '../examples/echo-server.ts'
import { get } from '../examples/get.ts'
import { connectThroughProxy } from '../examples/through-a-proxy.ts'
import { a, reply } from './resolver/dns-packets.ts'

const hasGnutls = await loadTlsBackend('gnutls').then(
  () => true,
  () => false, // the library is not on this machine
)

it('the example fetches a page', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue({ dnsNames: ['localhost'] })
  const lines: string[] = []
  const response = await withTlsServer(
    (request, response) => void response.end(`you asked for ${request.url}`),
    { certificate },
    ({ port }) =>
      get(`https://localhost:${port}/page`, (line) => lines.push(line), new TlsDatabase([authority.certificatePem])),
  )
  expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(response).toContain('you asked for /page')
  expect(lines.at(-2)).toMatch(/^COMPLETE localhost:/)
  expect(lines.at(-1)).toMatch(/^openssl TLS_/)
})

it.each(['openssl', 'gnutls'] as const)('the example speaks TLS through %s', async (name) => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue({ dnsNames: ['localhost'] })
  const database = new TlsDatabase([authority.certificatePem])
  await withTlsServer(
    (_, response) => void response.end(),
    { certificate },
    async ({ port }) => {
      const description = describeTls('localhost', port, name, database)
      if (name === 'gnutls' && !hasGnutls) await expect(description).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      else expect(await description).toMatch(new RegExp(`^${name} [0-9.]+\\S*: TLS_\\S+, 32 bytes of channel binding$`))
    },
  )
})

it('the example connects through a proxy, but not to hosts of its own network', async () => {
  const asked: string[] = []
  await withRawServer(
    (socket) =>
      socket.once('data', (head) => {
        asked.push(String(head).split(' HTTP', 1)[0] ?? '')
        socket.write('HTTP/1.1 200 Connected\r\n\r\nhello from far away')
      }),
    async (proxy) => {
      const events: string[] = []
      const uri = `http://127.0.0.1:${proxy.port}`
      const connection = await connectThroughProxy(uri, 'far.example', (line) => events.push(line))
      expect(String((await once(connection.ioStream, 'data'))[0])).toBe('hello from far away')
      await connection.close()
      expect(asked).toEqual(['CONNECT far.example:443'])
      expect(events).toContain('PROXY_NEGOTIATED')
      const near = connectThroughProxy(uri, '[::1]:1', (line) => events.push(line))
      await expect(near).rejects.toMatchObject({ domain: 'g-io-error-quark' })
      expect(asked).toHaveLength(1)
    },
  )
})

it('the example looks a name up by DNS over HTTPS', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue({ dnsNames: ['dns.test'] })
  const { service, port } = await startEchoServer()
  await withTlsServer(
    async (request, response) => {
      response.writeHead(200, { 'content-type': 'application/dns-message' })
      response.end(reply(await buffer(request), { answers: [a('private.test', '127.0.0.1')] }))
    },
    { certificate },
    async (server) => {
      const options = {
        uri: `https://dns.test:${server.port}/dns-query`,
        bootstrapAddresses: ['127.0.0.1'],
        ca: [authority.certificatePem],
      }
      expect(await connectPrivately(options, `private.test:${port}`)).toBe(`127.0.0.1:${port}`)
    },
  )
  service.close()
})

it('the example answers in capitals until it is closed', async () => {
  const { service, port } = await startEchoServer()
  const connection = await new SocketClient().connectToHost('127.0.0.1', port)
  connection.ioStream.write('hello\n')
  expect(String((await once(connection.ioStream, 'data'))[0])).toBe('HELLO\n')
  service.close()
  connection.ioStream.end()
  await once(connection.ioStream.resume(), 'end')
  await expect(new SocketClient().connectToHost('127.0.0.1', port)).rejects.toMatchObject({
    code: 'CONNECTION_REFUSED',
  })
})

it('the example compresses a file and reads it back', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gio-'))
  const [from, to] = [join(directory, 'text'), join(directory, 'text.gz')]
  const text = 'again and again '.repeat(100_000)
  writeFileSync(from, text)
  expect(String(await compressAndCheck(from, to, text.length))).toBe(text)
  expect(String(gunzipSync(readFileSync(to)))).toBe(text)
  await expect(compressAndCheck(from, to, text.length - 1)).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
  rmSync(directory, { recursive: true })
})
