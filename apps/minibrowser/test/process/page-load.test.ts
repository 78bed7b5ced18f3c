// One page through all processes, with everything it names, against real origins.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CertificateAuthority, withServer, withTlsServer } from '@wpe-networking/test-support'
import type { Har } from 'har-format'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonLoad } from '../../src/output/json.ts'
import { runMiniBrowser } from './run-mini-browser.ts'

const PAGE = `<!doctype html><title>A page</title><link rel=stylesheet href=/a.css><script src=/a.js></script>
<h1>Good morning</h1><p>Some <b>text</b>.</p><img src=/a.png><img src=/missing.png>`

function serve(request: IncomingMessage, response: ServerResponse): void {
  const types: Record<string, string> = { '/a.css': 'text/css', '/a.js': 'text/javascript', '/a.png': 'image/png' }
  const path = request.url ?? ''
  if (path === '/') response.setHeader('Content-Type', 'text/html').end(PAGE)
  else if (path === '/a.css') response.setHeader('Content-Type', 'text/css').end('body{background:url(/b.png)}')
  else if (path === '/moved') response.writeHead(302, { Location: '/' }).end()
  else if (path === '/echo') echo(request, response)
  else if (path in types) response.setHeader('Content-Type', types[path] as string).end('x')
  else response.writeHead(404).end()
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  let body = ''
  request.on('data', (chunk) => (body += String(chunk)))
  request.on('end', () => {
    const { 'user-agent': agent, 'x-test': test } = request.headers
    response.setHeader('Content-Type', 'text/plain')
    response.end(`${request.method} ${agent} ${String(test)} ${body}`)
  })
}

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'minibrowser-test-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

describe('minibrowser URI', () => {
  it('prints the page and its waterfall, and nothing else, when piped', async () => {
    await withServer(serve, async ({ port }) => {
      const { status, stdout, stderr } = await runMiniBrowser([`127.0.0.1:${port}/`])
      expect(stderr).toBe('')
      expect(status).toBe(0)
      expect(stdout).toContain('Good morning')
      expect(stdout).toMatch(/^404 +image .*\/missing\.png/m)
      expect(stdout).not.toContain('\u001b')
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    })
  })

  it('gives the whole source of a page of 20 MB', async () => {
    const page = `<title>Large</title>${'<p>large page</p>\n'.repeat(1_200_000)}`
    const serveLarge = (_: IncomingMessage, response: ServerResponse): void => {
      response.setHeader('Content-Type', 'text/html').end(page)
    }
    await withServer(serveLarge, async ({ port }) => {
      const { status, stdout } = await runMiniBrowser(['--output=html', `127.0.0.1:${port}/`])
      expect([status, stdout.length]).toEqual([0, page.length])
      expect(stdout === page).toBe(true)
    })
  })

  it('reports every resource as JSON, with the processes that took part', async () => {
    await withServer(serve, async ({ port }) => {
      const { status, stdout } = await runMiniBrowser(['--output=json', `http://127.0.0.1:${port}/moved`])
      const load = JSON.parse(stdout) as JsonLoad
      expect(status).toBe(0)
      expect(load).toMatchObject({ title: 'A page', status: 200, finalUri: `http://127.0.0.1:${port}/`, error: null })
      expect(load.resources.map(({ url, status }) => [new URL(url).pathname, status])).toEqual(
        expect.arrayContaining([
          ['/moved', 200],
          ['/a.css', 200],
          ['/a.js', 200],
          ['/a.png', 200],
          ['/b.png', 404],
          ['/missing.png', 404],
        ]),
      )
      expect(load.resources[0]?.redirects).toMatchObject([{ status: 302 }])
      expect(load.resources[0]).toMatchObject({ type: 'document', protocol: 'http/1.1', source: 'network' })
      expect(load.processes.ui).toBeGreaterThan(0)
      expect(load.processes.network).toBeGreaterThan(0)
      expect(load.processes.web).toMatchObject([
        { site: 'http://127.0.0.1', sandbox: expect.stringContaining('permission-model') as string },
      ])
    })
  })

  it('loads over verified TLS with each backend, and says which', async () => {
    const authority = await CertificateAuthority.create()
    const file = join(directory, 'ca.pem')
    writeFileSync(file, authority.certificatePem)
    await withTlsServer(serve, { certificate: await authority.issue() }, async ({ port }) => {
      for (const backend of ['openssl', 'gnutls']) {
        const args = [`--tls-backend=${backend}`, `--ca-file=${file}`, '--output=json', `https://localhost:${port}/`]
        const { stdout, stderr } = await runMiniBrowser(args)
        expect(stderr).toBe('')
        const load = JSON.parse(stdout) as JsonLoad
        expect(load.resources[0]?.tls).toMatchObject({ backend, protocol: expect.stringContaining('1.3') as string })
      }
    })
  })

  it('accepts a certificate nobody vouches for with --ignore-tls-errors', async () => {
    await withTlsServer(serve, { certificate: await CertificateAuthority.selfSigned() }, async ({ port }) => {
      const { status } = await runMiniBrowser(['--ignore-tls-errors', '--output=none', `https://localhost:${port}/`])
      expect(status).toBe(0)
    })
  })

  it('writes HAR and waterfall files beside the output', async () => {
    const har = join(directory, 'page.har')
    const waterfall = join(directory, 'page.html')
    await withServer(serve, async ({ port }) => {
      const args = [`--har=${har}`, `--waterfall=${waterfall}`, '--output=html', `http://127.0.0.1:${port}/`]
      expect((await runMiniBrowser(args)).stdout).toBe(PAGE)
    })
    const { log } = JSON.parse(readFileSync(har, 'utf8')) as Har
    expect(log.version).toBe('1.2')
    expect(log.entries.length).toBeGreaterThanOrEqual(6)
    expect(readFileSync(waterfall, 'utf8')).toContain('/a.css')
  })

  it('sends method, body, header and user agent as asked', async () => {
    await withServer(serve, async ({ port }) => {
      const args = ['--data=a=b', '--header=X-Test: yes', '--user-agent=Me/1', '--output=html']
      const { stdout } = await runMiniBrowser([...args, `http://127.0.0.1:${port}/echo`])
      expect(stdout).toBe('POST Me/1 yes a=b')
    })
  })

  it('goes on in another WebProcess when a redirect leads to another site', async () => {
    await withServer(serve, async ({ port }) => {
      const moved = (_: IncomingMessage, response: ServerResponse): void => {
        response.writeHead(302, { Location: `http://127.0.0.1:${port}/` }).end()
      }
      await withServer(moved, async ({ port: firstPort }) => {
        const { stdout } = await runMiniBrowser(['--output=json', `http://localhost:${firstPort}/`])
        const load = JSON.parse(stdout) as JsonLoad
        expect(load).toMatchObject({ status: 200, finalUri: `http://127.0.0.1:${port}/` })
        expect(load.processes.web.map(({ site }) => site)).toEqual(['http://localhost', 'http://127.0.0.1'])
        expect(load.resources[0]?.redirects).toEqual([
          { url: `http://localhost:${firstPort}/`, status: 302, location: `http://127.0.0.1:${port}/` },
        ])
      })
    })
  })

  it('loads a data URI', async () => {
    const { stdout, status } = await runMiniBrowser(['--output=html', 'data:text/html,<p>hello'])
    expect([status, stdout]).toEqual([0, '<p>hello'])
  })

  it('loads the demo site when no URI is given', async () => {
    const { stdout, stderr, status } = await runMiniBrowser(['--output=json'])
    expect([status, stderr]).toEqual([0, ''])
    expect((JSON.parse(stdout) as JsonLoad).resources.length).toBeGreaterThan(24)
  })

  it('traces every layer of every process on stderr', async () => {
    const { stderr } = await runMiniBrowser(['--trace', '--output=none', 'data:,x'])
    for (const words of ['ui-process', 'web-process', 'network-process', 'webcore', 'ipc', 'network-resource-loader']) {
      expect(stderr).toContain(words)
    }
  })
})
