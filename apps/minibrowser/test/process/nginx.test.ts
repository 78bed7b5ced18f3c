// A real web server over HTTPS, with a certificate of our own authority: HTTP/2 by ALPN, and compressed by nginx itself.
// Runs where nginx is installed; CI installs it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonLoad } from '../../src/output/json.ts'
import { runMiniBrowser } from './run-mini-browser.ts'

const isInstalled = spawnSync('nginx', ['-v']).status === 0

const PAGE = `<!doctype html><title>From nginx</title><link rel=stylesheet href=/style.css><h1>Served by nginx</h1>`
const STYLE = `body { color: black } ${'/* filler that compresses well */ '.repeat(200)}`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function configuration(directory: string, port: number): string {
  const at = (name: string): string => join(directory, name)
  const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${at(kind)};`)
  return `
    daemon off; worker_processes 1; pid ${at('nginx.pid')}; error_log ${at('error.log')};
    events { worker_connections 64; }
    http {
      types { text/html html; text/css css; }
      access_log off; gzip on; gzip_types text/css; gzip_min_length 100; ${bodies.join(' ')}
      server {
        listen 127.0.0.1:${port} ssl http2;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate ${at('chain.pem')}; ssl_certificate_key ${at('key.pem')};
        root ${at('site')}; index index.html;
      }
    }`
}

/** Resolves once something listens at `port`; the process ending first is an error. */
async function listening(nginx: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended with status ${nginx.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const connected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (connected) return
    await new Promise((next) => setImmediate(next))
  }
}

describe.skipIf(!isInstalled)('a page served by nginx over HTTPS', () => {
  let directory: string
  let nginx: ChildProcess
  let port: number

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'minibrowser-nginx-'))
    const authority = await CertificateAuthority.create()
    const { chainPem, privateKeyPem } = await authority.issue()
    port = await freePort()
    mkdirSync(join(directory, 'site'))
    const files = {
      'ca.pem': authority.certificatePem,
      'chain.pem': chainPem,
      'key.pem': privateKeyPem,
      'nginx.conf': configuration(directory, port),
      'site/index.html': PAGE,
      'site/style.css': STYLE,
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
    // nginx's workers may run as another user, who has to be able to read the site.
    spawnSync('chmod', ['-R', 'a+rX', directory])
    nginx = spawn('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], { stdio: 'inherit' })
    await listening(nginx, port)
  })

  afterAll(async () => {
    if (nginx.exitCode === null) {
      nginx.kill('SIGTERM')
      await once(nginx, 'exit')
    }
    rmSync(directory, { recursive: true, force: true })
  })

  it.each(['openssl', 'gnutls'])('loads with %s: h2, TLS 1.3, the style sheet decompressed', async (backend) => {
    const args = [`--tls-backend=${backend}`, `--ca-file=${join(directory, 'ca.pem')}`, '--output=json']
    const { status, stdout, stderr } = await runMiniBrowser([...args, `https://localhost:${port}/`])
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const load = JSON.parse(stdout) as JsonLoad
    expect(load).toMatchObject({ title: 'From nginx', status: 200 })
    const style = load.resources.find(({ type }) => type === 'stylesheet')
    expect(style).toMatchObject({ status: 200, protocol: 'h2', tls: { backend }, size: { decoded: STYLE.length } })
    expect(style?.tls?.protocol).toMatch(/1\.3/)
    expect(style?.size.encoded).toBeLessThan(STYLE.length / 4)
  })

  it('is refused without its authority', async () => {
    const { status, stderr } = await runMiniBrowser([`https://localhost:${port}/`])
    expect(status).toBe(1)
    expect(stderr).toMatch(/\(g-tls-error-quark: BAD_CERTIFICATE\)\n$/)
  })
})
