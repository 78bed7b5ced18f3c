// DnsOverHttpsResolver against an HTTPS server that hands questions on to dnsmasq, and against faulty ones.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { DnsOverHttpsResolver, IOError, ResolverNameLookupFlags } from '@wpe-networking/glib-gio'
import type { DnsOverHttpsResolverOptions } from '@wpe-networking/glib-gio'
import { CertificateAuthority, hasDnsmasq, startDnsmasq, startTlsServer } from '@wpe-networking/test-support'
import type { IssuedCertificate, ListeningServer } from '@wpe-networking/test-support'
import { DnsOverHttpsClient } from '../../src/resolver/dns-over-https-client.ts'
import { a, RCODE, reply } from './dns-packets.ts'

const flags = ResolverNameLookupFlags.IPV4_ONLY
const TYPE = { 'content-type': 'application/dns-message' }
let authority: CertificateAuthority
let certificate: IssuedCertificate

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  certificate = await authority.issue({ dnsNames: ['dns.test'] })
})

type Respond = (query: Buffer, response: ServerResponse, request: IncomingMessage) => void | Promise<void>

async function serve(respond: Respond): Promise<ListeningServer> {
  const server = await startTlsServer(async (request, response) => respond(await buffer(request), response, request), {
    certificate,
  })
  onTestFinished(() => server.close())
  return server
}

function resolverFor(
  server: ListeningServer,
  options: Partial<DnsOverHttpsResolverOptions> = {},
): DnsOverHttpsResolver {
  const resolver = new DnsOverHttpsResolver({
    uri: `https://dns.test:${server.port}/dns-query{?dns}`,
    bootstrapAddresses: ['127.0.0.1'],
    ca: [authority.certificatePem],
    ...options,
  })
  onTestFinished(() => resolver.close())
  return resolver
}

const good: Respond = (query, response) => {
  response.writeHead(200, TYPE).end(reply(query, { answers: [a('h.test', '192.0.2.1')] }))
}

async function forward(query: Buffer, port: number): Promise<Buffer> {
  const socket = createSocket('udp4')
  try {
    socket.send(query, port, '127.0.0.1')
    const [answer] = (await once(socket, 'message')) as [Buffer]
    return answer
  } finally {
    socket.close()
  }
}

describe.skipIf(!hasDnsmasq())('DnsOverHttpsResolver', () => {
  it('posts padded questions and keeps its connections', async () => {
    const dnsmasq = await startDnsmasq(['--local=/test/', '--host-record=h.test,192.0.2.1,2001:db8::1,60'])
    onTestFinished(() => dnsmasq.close())
    const requests: object[] = []
    const server = await serve(async (query, response, { method, url, headers, httpVersion }) => {
      requests.push({ method, url, type: headers['content-type'], accept: headers.accept, httpVersion })
      expect(query.length % 128).toBe(0)
      expect(query.readUInt16BE(0)).toBe(0)
      response.writeHead(200, TYPE).end(await forward(query, dnsmasq.port))
    })
    const resolver = resolverFor(server)
    expect((await resolver.lookupByName('h.test')).map(String)).toEqual(['2001:db8::1', '192.0.2.1'])
    await expect(resolver.lookupByName('no.test')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await resolver.lookupByName('h.test')
    const type = 'application/dns-message'
    expect(requests).toEqual(
      Array.from({ length: 4 }, () => ({ method: 'POST', url: '/dns-query', type, accept: type, httpVersion: '1.1' })),
    )
    expect(server.connectionCount).toBe(2)
  })
})

describe('A DNS-over-HTTPS server', () => {
  it.each<[string, Respond]>([
    ['with status 500', (_query, response) => void response.writeHead(500, TYPE).end()],
    ['with a redirect', (_query, response) => void response.writeHead(302, { location: '/other' }).end()],
    ['with HTML', (_query, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')],
    ['with too much', (_query, response) => void response.writeHead(200, TYPE).end(Buffer.alloc(70_000))],
    ['with garbage', (_query, response) => void response.writeHead(200, TYPE).end('x')],
    [
      'with half an answer',
      (_query, response) => void response.writeHead(200, { ...TYPE, 'content-length': 99 }).end('x'),
    ],
    [
      'to another question',
      (query, response) => {
        response.writeHead(200, TYPE).end(reply(query, { question: { name: 'x.test', type: 'A' } }))
      },
    ],
    [
      'with SERVFAIL',
      (query, response) => void response.writeHead(200, TYPE).end(reply(query, { rcode: RCODE.SERVFAIL })),
    ],
    ['not at all', () => undefined],
  ])('that answers %s is TEMPORARY_FAILURE', async (_, respond) => {
    const resolver = resolverFor(await serve(respond), { serverTimeout: 200 })
    await expect(resolver.lookupByName('h.test', { flags })).rejects.toMatchObject({
      domain: 'g-resolver-error-quark',
      code: 'TEMPORARY_FAILURE',
      cause: expect.any(Error) as unknown,
    })
  })

  it('has to show a certificate for its name', async () => {
    const server = await serve(good)
    const uri = `https://other.test:${server.port}/`
    await expect(resolverFor(server, { uri }).lookupByName('h.test', { flags })).rejects.toMatchObject({
      code: 'TEMPORARY_FAILURE',
      cause: expect.objectContaining({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }) as unknown,
    })
  })

  it('is tried at each of its addresses', async () => {
    const server = await serve(good)
    const resolver = resolverFor(server, { bootstrapAddresses: ['127.0.0.77', '127.0.0.1'] })
    expect(await resolver.lookupByName('h.test', { flags })).toHaveLength(1)
  })

  it('is looked up anew when nobody is at its addresses any more', async () => {
    const server = await serve((query, response) => {
      const answers = [a('h.test', '192.0.2.1')]
      response
        .writeHead(200, TYPE)
        .end(reply(query, query.includes('broken') ? { rcode: RCODE.SERVFAIL } : { answers }))
    })
    const lookups = [['127.0.0.77'], ['127.0.0.1']]
    const client = new DnsOverHttpsClient({
      url: new URL(`https://dns.test:${server.port}/`),
      lookupServer: () => Promise.resolve(lookups.shift() ?? []),
      timeoutMs: 10_000,
      ca: [authority.certificatePem],
    })
    onTestFinished(() => client.close())
    const { signal } = new AbortController()
    const failure = { code: 'TEMPORARY_FAILURE' }
    await expect(client.query({ name: 'h.test', type: 'A' }, { signal })).rejects.toMatchObject(failure)
    expect((await client.query({ name: 'h.test', type: 'A' }, { signal })).answers).toHaveLength(1)
    // That it cannot answer does not mean that it has moved.
    await expect(client.query({ name: 'broken.test', type: 'A' }, { signal })).rejects.toMatchObject(failure)
    expect((await client.query({ name: 'h.test', type: 'A' }, { signal })).answers).toHaveLength(1)
  })

  it('may have the age of an answer taken off its TTL', async () => {
    let now = 0
    let count = 0
    const server = await serve((query, response) => {
      count++
      response.writeHead(200, { ...TYPE, age: '50' }).end(reply(query, { answers: [a('h.test', '192.0.2.1', 60)] }))
    })
    const resolver = resolverFor(server, { clock: () => now })
    for (now of [0, 9_999, 10_000]) await resolver.lookupByName('h.test', { flags })
    expect(count).toBe(2)
  })

  it('is left alone when the last who waits leaves', async () => {
    const asked = Promise.withResolvers<void>()
    const server = await serve(() => asked.resolve())
    const abort = new AbortController()
    const waiting = resolverFor(server).lookupByName('h.test', { flags, signal: abort.signal })
    await asked.promise
    const closed = server.connectionClosed()
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
    await closed
  })

  it.each([
    [{ uri: 'http://dns.test/' }],
    [{ uri: 'dns.test' }],
    [{ uri: 'https://dns.test/', bootstrapAddresses: ['dns.test'] }],
  ])('is not to be had with %j', (options) => {
    expect(() => new DnsOverHttpsResolver(options)).toThrow(IOError)
  })
})
