// What others' clients make of the server: curl, wrk, h2load, Chromium. Each is skipped where it is not installed.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TlsCertificate } from '@wpe-networking/glib-gio'
import { AuthDomainBasic, AuthDomainDigest, HTTPVersion, Server } from '@wpe-networking/libsoup'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)

async function isInstalled(program: string, ...args: string[]): Promise<boolean> {
  try {
    await run(program, args)
    return true
  } catch (error) {
    // wrk answers everything with its usage, as a failure.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

let folder: string
let authority: CertificateAuthority
let issued: IssuedCertificate
let server: Server
let plain: string
let secure: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-clients-'))
  authority = await CertificateAuthority.create()
  issued = await authority.issue()
  await writeFile(join(folder, 'ca.pem'), authority.certificatePem)
  server = new Server({ tlsCertificate: TlsCertificate.fromPem(issued.chainPem, issued) })
  addHandlers(server)
  await server.listenLocal(0, { ipv4Only: true, https: false })
  await server.listenLocal(0, { ipv4Only: true })
  const [http, https] = server.listeningAddresses
  plain = `http://localhost:${http?.port}`
  secure = `https://localhost:${https?.port}`
})

afterAll(async () => {
  await server.disconnect()
  await rm(folder, { recursive: true })
})

const BYTES = Buffer.alloc(1024, '0123456789abcdef')

function addHandlers(target: Server): void {
  target.addHandler('/bytes', (_server, message) => {
    message.setStatus(200)
    message.setResponse('application/octet-stream', BYTES)
  })
  target.addHandler('/upload', (_server, message) => {
    const hash = createHash('sha256').update(message.requestBody.data).digest('hex')
    message.setStatus(200)
    message.setResponse('text/plain', `${message.method} ${message.requestBody.length} ${hash}`)
  })
  target.addEarlyHandler('/echo', (_server, message) => {
    message.setStatus(200)
    message.setResponseStream('text/plain', message.takeRequestStream())
  })
  target.addHandler('/hints', (_server, message) => {
    message.sendEarlyHints(['</style.css>; rel=preload; as=style'])
    message.setStatus(200)
    message.setResponse('text/plain', 'hinted')
  })
  target.addHandler('/private', (_server, message) => {
    message.setStatus(200)
    message.setResponse('text/plain', `for ${message.authUser}`)
  })
  target.addHandler('/page', (_server, message) => {
    const version = message.httpVersion === HTTPVersion.HTTP_2_0 ? 'HTTP/2' : 'HTTP/1.1'
    message.setStatus(200)
    const script = "fetch('/bytes').then((r) => r.text()).then((t) => (document.title = t.length))"
    message.setResponse('text/html', `<!doctype html><p>by ${version}</p><script>${script}</script>`)
  })
  target.addAuthDomain(
    new AuthDomainBasic({
      realm: 'basic',
      paths: ['/private/basic'],
      authCallback: (_domain, _message, user, password) => user === 'bob' && password === 'secret',
    }),
  )
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    target.addAuthDomain(
      new AuthDomainDigest({
        realm: algorithm,
        paths: [`/private/${algorithm}`],
        algorithms: [algorithm],
        authCallback: (_domain, _message, user) =>
          user === 'bob' ? AuthDomainDigest.encodePassword(user, algorithm, 'secret', algorithm) : null,
      }),
    )
  }
}

describe.skipIf(!(await isInstalled('curl', '--version')))('curl', () => {
  async function curl(url: string, ...options: string[]): Promise<string> {
    const common = ['-s', '-m', '20', '--cacert', join(folder, 'ca.pem'), '-w', ' [%{http_version} %{http_code}]']
    return (await run('curl', [...common, ...options, url])).stdout
  }

  const ways = [
    ['HTTP/1.1', () => plain, ['--http1.1'], '1.1'],
    ['HTTP/1.1 over TLS', () => secure, ['--http1.1'], '1.1'],
    ['HTTP/2', () => secure, ['--http2'], '2'],
  ] as const

  test.each(ways)('gets ranges by %s', async (_way, base, options, version) => {
    const get = (range: string): Promise<string> => curl(`${base()}/bytes`, ...options, '-r', range)
    expect(await get('0-3')).toBe(`0123 [${version} 206]`)
    expect(await get('-2')).toBe(`ef [${version} 206]`)
    expect(await get('5000-')).toContain(`[${version} 416]`)
    expect(await get('0-1,4-5')).toMatch(
      /Content-Range: bytes 0-1\/1024\r\n\r\n01\r\n--[^]*bytes 4-5\/1024\r\n\r\n45\r\n/,
    )
  })

  test.each(ways)('resumes a download by %s', async (_way, base, options) => {
    const file = join(folder, 'download')
    await writeFile(file, BYTES.subarray(0, 100))
    await curl(`${base()}/bytes`, ...options, '-C', '-', '-o', file)
    expect((await readFile(file)).equals(BYTES)).toBe(true)
  })

  test.each(ways)('uploads by %s, asking first', async (_way, base, options, version) => {
    const body = Buffer.alloc(3_000_000, 'some bytes')
    const file = join(folder, 'upload')
    await writeFile(file, body)
    const hash = createHash('sha256').update(body).digest('hex')
    const put = await curl(`${base()}/upload`, ...options, '-T', file, '-H', 'Expect: 100-continue')
    expect(put).toBe(`PUT ${body.length} ${hash} [${version} 200]`)
    const post = await curl(`${base()}/upload`, ...options, '--data-binary', `@${file}`, '-H', 'Expect:')
    expect(post).toBe(`POST ${body.length} ${hash} [${version} 200]`)
  })

  test.each(ways)('is asked for a body that is read as a stream, by %s', async (_way, base, options, version) => {
    const body = 'Expect: 100-continue'
    expect(
      await curl(`${base()}/echo`, ...options, '-T', join(folder, 'ca.pem'), '-H', body, '--expect100-timeout', '15'),
    ).toBe(`${authority.certificatePem} [${version} 200]`)
  })

  test.each(ways)('sees the refusal of a body that is too long, by %s', async (_way, base, options, version) => {
    const file = join(folder, 'long')
    await writeFile(file, Buffer.alloc(30_000_000))
    expect(await curl(`${base()}/upload`, ...options, '-T', file, '-H', 'Expect:')).toBe(` [${version} 413]`)
    const chunked = version === '2' ? [] : ['-H', 'Transfer-Encoding: chunked']
    expect(await curl(`${base()}/upload`, ...options, '-T', file, '-H', 'Expect:', ...chunked)).toBe(
      ` [${version} 413]`,
    )
  })

  test('uploads in chunks', async () => {
    const file = join(folder, 'chunks')
    await writeFile(file, 'in chunks')
    const answer = await curl(`${plain}/upload`, '-T', file, '-H', 'Transfer-Encoding: chunked')
    expect(answer).toMatch(/^PUT 9 /)
  })

  test.each(ways)('is told early hints by %s', async (_way, base, options) => {
    const answer = await curl(`${base()}/hints`, ...options, '-i')
    expect(answer).toMatch(
      /^HTTP\/\S+ 103[^]*link: <\/style\.css>; rel=preload; as=style\r\n\r\nHTTP\/\S+ 200 [^]*hinted/i,
    )
  })

  test.each(ways)('authenticates by %s', async (_way, base, options, version) => {
    const get = (path: string, ...more: string[]): Promise<string> =>
      curl(`${base()}/private/${path}`, ...options, ...more)
    expect(await get('basic')).toBe(` [${version} 401]`)
    expect(await get('basic', '-u', 'bob:secret')).toBe(`for bob [${version} 200]`)
    expect(await get('basic', '-u', 'bob:wrong')).toBe(` [${version} 401]`)
    for (const algorithm of ['MD5', 'SHA-256']) {
      expect(await get(algorithm, '--digest', '-u', 'bob:secret')).toBe(`for bob [${version} 200]`)
      expect(await get(algorithm, '--digest', '-u', 'bob:wrong')).toBe(` [${version} 401]`)
      expect(await get(algorithm, '--anyauth', '-u', 'bob:secret')).toBe(`for bob [${version} 200]`)
    }
  })

  test('keeps a connection over several requests, and is understood as HTTP/1.0', async () => {
    const format = '%{num_connects} '
    const url = `${plain}/upload`
    const twice = await run('curl', ['-s', '-o', '/dev/null', '-o', '/dev/null', '-w', format, url, url])
    expect(twice.stdout).toBe('1 0 ')
    expect(await curl(`${plain}/bytes`, '--http1.0', '-o', '/dev/null')).toBe(' [1.1 200]')
  })
})

describe.skipIf(!(await isInstalled('wrk', '-v')))('wrk', () => {
  test('gets nothing but good answers', async () => {
    let requests = 0
    const count = (): void => void requests++
    server.on('request-finished', count)
    const { stdout } = await run('wrk', ['-t1', '-c8', '-d1', `${plain}/bytes`])
    server.off('request-finished', count)
    expect(stdout).not.toMatch(/Non-2xx|Socket errors/)
    expect(requests).toBeGreaterThan(0)
  })
})

describe.skipIf(!(await isInstalled('h2load', '--version')))('h2load', () => {
  test.each([
    ['HTTP/2', () => secure, []],
    ['HTTP/1.1', () => plain, ['--h1']],
    ['HTTP/1.1, pipelined', () => plain, ['--h1', '-m8']],
  ] as const)('gets 1,000 good answers by %s', async (_way, base, options) => {
    const args = ['-n1000', '-c4', '-m16', ...options, `${base()}/bytes`]
    const { stdout } = await run('h2load', args)
    expect(stdout).toContain('1000 succeeded, 0 failed, 0 errored, 0 timeout')
    expect(stdout).toContain('status codes: 1000 2xx, 0 3xx, 0 4xx, 0 5xx')
  })
})

describe.skipIf(!(await isInstalled('chromium', '--version')))('Chromium', () => {
  test.each([
    ['HTTP/1.1', ['--disable-http2']],
    ['HTTP/2', []],
  ] as const)(
    'shows a page over TLS by %s',
    async (version, options) => {
      const { X509Certificate } = await import('node:crypto')
      const spki = new X509Certificate(issued.certificatePem).publicKey.export({ type: 'spki', format: 'der' })
      const pin = createHash('sha256').update(spki).digest('base64')
      const { stdout } = await run(
        'chromium',
        [
          ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
          ...[
            '--disable-background-networking',
            '--virtual-time-budget=5000',
            `--user-data-dir=${join(folder, version)}`,
          ],
          ...[`--ignore-certificate-errors-spki-list=${pin}`, ...options, '--dump-dom', `${secure}/page`],
        ],
        { timeout: 50_000, killSignal: 'SIGKILL' },
      )
      expect(stdout).toContain(`<p>by ${version}</p>`)
      expect(stdout).toContain('<title>1024</title>')
    },
    60_000,
  )
})
