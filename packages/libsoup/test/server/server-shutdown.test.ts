import { once } from 'node:events'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { TlsCertificate } from '@wpe-networking/glib-gio'
import { Encoding, Server, type ServerMessage } from '@wpe-networking/libsoup'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { fetchAnswer, oneConnection } from './server-support.ts'

async function listening(): Promise<{ server: Server; uri: string; socketTo: () => ReturnType<typeof connect> }> {
  const server = new Server()
  await server.listenLocal(0, { ipv4Only: true })
  const uri = String(server.uris[0])
  const { hostname, port } = new URL(uri)
  return { server, uri, socketTo: () => connect(Number(port), hostname) }
}

describe('a Server that is shut down', () => {
  test('accepts nothing, closes what is idle and finishes what has begun, saying that it was the last', async () => {
    const { server, uri } = await listening()
    const agent = oneConnection()
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
    server.addHandler('/', (_server, message) => message.setStatus(204))
    server.addHandler('/slow', async (_server, message) => {
      await mayAnswer
      message.setStatus(200)
      message.setResponse('text/plain', 'worth the wait')
    })
    await fetchAnswer(uri, { agent })
    const started = once(server, 'request-started')
    const slow = fetchAnswer(new URL('/slow', uri))
    await started
    const shutdown = server.shutdown()
    await expect(fetchAnswer(uri)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    answer()
    const { status, body, headers } = await slow
    expect([status, body.toString(), headers.connection]).toEqual([200, 'worth the wait', 'close'])
    await shutdown
    expect(server.uris).toEqual([])
    agent.destroy()
    await server.listenLocal(0, { ipv4Only: true })
    expect((await fetchAnswer(String(server.uris[0]))).status).toBe(204)
    await server.shutdown()
  })

  test('finishes a response whose head is out, then closes', async () => {
    const { server, socketTo } = await listening()
    const { promise: sawFirst, resolve } = Promise.withResolvers<void>()
    server.addHandler('/', async (_server, message) => {
      message.setStatus(200)
      message.responseHeaders.encoding = Encoding.CHUNKED
      message.responseBody.append('one ')
      await sawFirst
      message.responseBody.append('two')
      message.responseBody.complete()
    })
    const socket = socketTo()
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const [first] = (await once(socket, 'data')) as [Buffer]
    const shutdown = server.shutdown()
    resolve()
    expect(first.toString() + (await text(socket))).toMatch(/one \r\n3\r\ntwo\r\n0\r\n\r\n$/)
    await shutdown
  })

  test('breaks off what takes too long', async () => {
    const { server, uri } = await listening()
    server.addHandler('/', (_server, message) => message.pause())
    const started = once(server, 'request-started')
    const aborted = once(server, 'request-aborted')
    const answer = expect(fetchAnswer(uri)).rejects.toThrow()
    await started
    await server.shutdown({ timeout: 0.05 })
    await Promise.all([answer, aborted])
  })

  test('closes connections in the middle of their handshake', async () => {
    const authority = await CertificateAuthority.create()
    const { chainPem, privateKeyPem } = await authority.issue()
    const server = new Server({ tlsCertificate: TlsCertificate.fromPem(chainPem, { privateKeyPem }) })
    await server.listenLocal(0, { ipv4Only: true })
    const uri = String(server.uris[0])
    const { hostname, port } = new URL(uri)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {}).resume()
    await once(socket, 'connect')
    // An answer on a second connection shows that the first was accepted.
    await fetchAnswer(uri, { ca: authority.certificatePem, servername: 'localhost' })
    const closed = once(socket, 'close')
    await server.shutdown()
    await closed
  })

  test('tells clients of HTTP/2 to go away, and finishes their streams', async () => {
    const authority = await CertificateAuthority.create()
    const { chainPem, privateKeyPem } = await authority.issue()
    const server = new Server({ tlsCertificate: TlsCertificate.fromPem(chainPem, { privateKeyPem }) })
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
    server.addHandler('/', async (_server: Server, message: ServerMessage) => {
      await mayAnswer
      message.setStatus(200)
      message.setResponse('text/plain', 'worth the wait')
    })
    await server.listenLocal(0, { ipv4Only: true })
    const options = { ca: authority.certificatePem, servername: 'localhost' }
    const session: ClientHttp2Session = connectHttp2(String(server.uris[0]), options)
    const started = once(server, 'request-started')
    const stream = session.request({ ':path': '/' })
    await started
    const goaway = once(session, 'goaway')
    const closed = once(session, 'close')
    const shutdown = server.shutdown()
    expect((await goaway)[0]).toBe(0)
    answer()
    expect(await text(stream)).toBe('worth the wait')
    await Promise.all([shutdown, closed])
  })
})
