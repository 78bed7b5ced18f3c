// Against GnuTLS's own command line tools, where they are installed (Debian: gnutls-bin).
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IssuedCertificate } from '@wpe-networking/test-support'
import { TlsCertificate, TlsProtocolVersion } from '@wpe-networking/glib-networking-base'
import { createTrust, type Trust } from '../../glib-networking-base/test/conformance/peers.ts'
import { load } from '../src/index.ts'

const installed = spawnSync('gnutls-serv', ['--version']).status === 0

describe.skipIf(!installed)('gnutls-bin', () => {
  let folder: string
  let trust: Trust
  let certificate: IssuedCertificate

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gnutls-tools-'))
    trust = await createTrust()
    certificate = await trust.authority.issue()
    writeFileSync(join(folder, 'ca.pem'), trust.authority.certificatePem)
    writeFileSync(join(folder, 'chain.pem'), certificate.chainPem)
    writeFileSync(join(folder, 'key.pem'), certificate.privateKeyPem)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Resolves when the tool has printed `text`. */
  async function printed(tool: ChildProcess, text: string): Promise<void> {
    let output = ''
    for await (const chunk of tool.stdout ?? []) if ((output += String(chunk)).includes(text)) return
    throw new Error(`The tool said: ${output}`)
  }

  /** Connects as soon as the tool listens, which it has no way to tell: its output into a pipe is held back. */
  async function listening(port: number): Promise<Socket> {
    for (;;) {
      const socket = connect(port, '127.0.0.1')
      try {
        await once(socket, 'connect')
        return socket
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    return port
  }

  it.each([
    ['NORMAL:-VERS-ALL:+VERS-TLS1.2', TlsProtocolVersion.TLS_1_2],
    ['NORMAL:-VERS-ALL:+VERS-TLS1.3', TlsProtocolVersion.TLS_1_3],
  ])('the client talks to gnutls-serv with %s', async (priority, version) => {
    const port = await freePort()
    const files = ['--x509certfile', join(folder, 'chain.pem'), '--x509keyfile', join(folder, 'key.pem')]
    const tool = spawn('gnutls-serv', ['--echo', '--port', String(port), '--priority', priority, ...files])
    try {
      const socket = await listening(port)
      const options = { serverIdentity: 'localhost', database: trust.database }
      const connection = load().createClientConnection(socket, options)
      expect(await connection.handshake()).toMatchObject({ protocolVersion: version, peerCertificateErrors: 0 })
      connection.stream.write('echo this\n')
      const [answer] = (await once(connection.stream, 'data')) as [Buffer]
      expect(String(answer)).toBe('echo this\n')
      connection.stream.destroy()
    } finally {
      tool.kill()
    }
  })

  it('the server talks to gnutls-cli, which accepts its certificate', async () => {
    const own = TlsCertificate.fromPem(certificate.chainPem, { privateKeyPem: certificate.privateKeyPem })
    const server = createServer((socket) => {
      const connection = load().createServerConnection(socket, { certificate: own, advertisedProtocols: ['http/1.1'] })
      // The tool is killed in the end, which is no proper close.
      connection.stream.on('error', () => undefined)
      void connection.handshake().then(() => connection.stream.end('hello from here\n').resume())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const trusting = ['--x509cafile', join(folder, 'ca.pem'), '--verify-hostname', 'localhost', '--alpn', 'http/1.1']
    const tool = spawn('gnutls-cli', ['--port', String(port), ...trusting, '127.0.0.1'])
    try {
      await printed(tool, 'hello from here')
    } finally {
      tool.kill()
      server.close()
    }
  })
})
