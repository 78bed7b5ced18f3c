import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { PacProxyResolver } from '@wpe-networking/glib-gio'
import type { PacProxyResolverOptions } from '@wpe-networking/glib-gio'
import { startUnacceptingServer, withServer } from '@wpe-networking/test-support'
import { FakeResolver } from '../resolver/fake-resolver.ts'

const resolver = new FakeResolver({
  'in.example': ['10.1.2.3'],
  'out.example': ['192.0.2.1'],
  'slow.example': new Promise(() => undefined),
})

const open: { close(): void }[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

function fromUrl(url: string, options: PacProxyResolverOptions = {}): PacProxyResolver {
  const pac = new PacProxyResolver(url, { resolver, ...options })
  open.push(pac)
  return pac
}

function fromScript(script: string, options?: PacProxyResolverOptions): PacProxyResolver {
  return fromUrl(`data:application/x-ns-proxy-autoconfig;base64,${Buffer.from(script).toString('base64')}`, options)
}

function returning(expression: string): string {
  return `function FindProxyForURL(url, host) { return ${expression} }`
}

function scriptFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pac-'))
  open.push({ close: () => rmSync(directory, { recursive: true }) })
  return join(directory, 'proxy.pac')
}

describe('PacProxyResolver', () => {
  it('gives the proxies of the answer as URIs, in order', async () => {
    const pac = fromScript(
      returning('"PROXY a:3128; HTTPS b ; SOCKS c:1; SOCKS4 d; SOCKS5 [2001:db8::1]:9; ODD e; DIRECT"'),
    )
    expect(await pac.lookup('http://h.example/')).toEqual([
      'http://a:3128',
      'https://b',
      'socks5://c:1',
      'socks4a://c:1',
      'socks4://c:1',
      'socks4://d',
      'socks5://[2001:db8::1]:9',
      'direct://',
    ])
  })

  /** Asks a script that returns one of `answers` (JavaScript expressions) for each. */
  async function answersFor(answers: readonly string[]): Promise<unknown[]> {
    const pac = fromScript(returning(`[${answers.join()}][Number(host.slice(1))]`))
    const lookups = await Promise.allSettled(answers.map((_, index) => pac.lookup(`http://h${index}/`)))
    return lookups.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as { code: string }).code))
  }

  it('goes direct when the script says so, or returns nothing', async () => {
    const answers = ['null', 'undefined', '""', '"DIRECT"', '" direct ;"']
    expect(await answersFor(answers)).toEqual(answers.map(() => ['direct://']))
  })

  it('does not go direct when the script returns what is no answer', async () => {
    const answers = ['5', '"PROXY"', '"TOR a:1"', '"PROXY a b"', '"PROXY u@a"', '"x".repeat(5000)', '({})', '";"']
    expect(await answersFor(answers)).toEqual(answers.map(() => 'PROXY_FAILED'))
  })

  it('tells the script the URL and the host, also an IPv6 address and a scheme nobody knows', async () => {
    const pac = fromScript('function FindProxyForURL(url, host) { return "PROXY x:" + (url + host).length }')
    expect(await pac.lookup('none://[2001:db8::1]:99')).toEqual([
      `http://x:${'none://[2001:db8::1]:99'.length + '2001:db8::1'.length}`,
    ])
  })

  it('answers questions about names through the resolver', async () => {
    const pac = fromScript(`function FindProxyForURL(url, host) {
      if (!isResolvable(host)) return "PROXY unknown:1"
      if (isInNet(host, "10.0.0.0", "255.0.0.0")) return "PROXY inside:1"
      return dnsResolve(host) === "192.0.2.1" && shExpMatch(url, "https:*") ? "PROXY outside:1" : "DIRECT"
    }`)
    expect(await pac.lookup('https://in.example/')).toEqual(['http://inside:1'])
    expect(await pac.lookup('https://out.example/')).toEqual(['http://outside:1'])
    expect(await pac.lookup('https://no.example/')).toEqual(['http://unknown:1'])
    expect(resolver.asked).toContain('in.example 1')
  })

  it('knows the address of this machine without asking anybody', async () => {
    const pac = fromScript(returning('/^[0-9.]+$/.test(myIpAddress()) ? "DIRECT" : "PROXY wrong:1"'))
    expect(await pac.lookup('http://h.example/')).toEqual(['direct://'])
  })

  it('takes JavaScript of today', async () => {
    const script = 'const FindProxyForURL = (url, host) => `PROXY ${[host]?.map((h) => dnsResolve(h) ?? "x").join()}:1`'
    expect(await fromScript(script).lookup('http://in.example/')).toEqual(['http://10.1.2.3:1'])
  })

  it('answers many lookups at once', async () => {
    const pac = fromScript(returning('isInNet(host, "10.0.0.0", "255.0.0.0") ? "PROXY in:1" : "DIRECT"'))
    const hosts = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'in.example' : 'out.example'))
    const answers = await Promise.all(hosts.map((host) => pac.lookup(`http://${host}/`)))
    expect(answers.map(([first]) => first)).toEqual(
      hosts.map((host) => (host === 'in.example' ? 'http://in:1' : 'direct://')),
    )
  })

  it('looks a name up for a script that catches every error', async () => {
    const pac = fromScript(
      'function FindProxyForURL(u, host) { try { return "PROXY " + dnsResolve(host) } catch (e) { return "DIRECT" } }',
    )
    expect(await pac.lookup('http://in.example/')).toEqual(['http://10.1.2.3'])
  })

  it.each([
    ['an endless loop', returning('(function () { for (;;) {} })()')],
    ['an endless loop inside the engine', returning('Array.prototype.indexOf.call({ length: 9007199254740991 }, 1)')],
    ['a name that is never answered', returning('dnsResolve("slow.example")')],
  ])('stops a script with %s, and answers again afterwards', async (_, script) => {
    const path = scriptFile()
    writeFileSync(path, script)
    const pac = fromUrl(pathToFileURL(path).href, { timeout: 300 })
    await expect(pac.lookup('http://h.example/')).rejects.toMatchObject({ code: 'TIMED_OUT' })
    writeFileSync(path, returning('"PROXY a:1"'))
    expect(await fromUrl(pathToFileURL(path).href).lookup('http://h.example/')).toEqual(['http://a:1'])
  })

  it('keeps the thread when only a name takes too long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const names = {
        get 'slow.example'() {
          vi.advanceTimersByTime(5000)
          return new Promise<never>(() => undefined)
        },
      }
      const script = `let runs = 0
        function FindProxyForURL(url, host) { return "PROXY run:" + ++runs + (host === "slow.example" ? dnsResolve(host) : "") }`
      const pac = fromScript(script, { resolver: new FakeResolver(names) })
      await expect(pac.lookup('http://slow.example/')).rejects.toMatchObject({ code: 'TIMED_OUT' })
      expect(await pac.lookup('http://h.example/')).toEqual(['http://run:2'])
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([
    ['takes all memory', returning('new Uint8Array(64 * 1024 * 1024).length'), /failed/],
    [
      'calls itself without end',
      'function f() { return f() + 1 }\nfunction FindProxyForURL() { return f() }',
      /failed/,
    ],
    ['throws', returning('nothing.at.all'), /nothing is not defined/],
    ['is no JavaScript', 'function (', /failed: \w+/],
    ['has no FindProxyForURL', 'var x = 1', /FindProxyForURL/],
    [
      'asks for too many names',
      returning('(function () { for (var i = 0; i < 999; i++) dnsResolve("h" + i) })()'),
      /too many names/,
    ],
  ])('reports a script that %s', async (_, script, message) => {
    const error: unknown = await fromScript(script, { timeout: 10_000 })
      .lookup('http://h.example/')
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ domain: 'g-io-error-quark', code: 'PROXY_FAILED' })
    expect((error as Error).message).toMatch(message)
  })

  it('hides this process from the script', async () => {
    const globals = ['process', 'require', 'fetch', 'WebAssembly', 'console', 'setTimeout']
    const script = returning(`"PROXY x:" + [${globals.map((name) => `typeof ${name}`).join()}].join("")`)
    const escape = returning('"PROXY y:" + typeof shExpMatch.constructor("return this")().process')
    expect(await fromScript(script).lookup('http://h.example/')).toEqual([
      `http://x:${'undefined'.repeat(globals.length)}`,
    ])
    expect(await fromScript(escape).lookup('http://h.example/')).toEqual(['http://y:undefined'])
  })

  it('reads a file again when it has changed', async () => {
    const path = scriptFile()
    const pac = fromUrl(pathToFileURL(path).href)
    await expect(pac.lookup('http://h.example/')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    writeFileSync(path, returning('"PROXY first:1"'))
    expect(await pac.lookup('http://h.example/')).toEqual(['http://first:1'])
    writeFileSync(path, returning('"PROXY the-second:1"'))
    expect(await pac.lookup('http://h.example/')).toEqual(['http://the-second:1'])
  })

  it('asks the new script where the old one was still at it', async () => {
    const path = scriptFile()
    writeFileSync(path, 'function FindProxyForURL(url, host) { dnsResolve("in.example"); for (;;); }')
    const asked = Promise.withResolvers<void>()
    const names = {
      get 'in.example'() {
        asked.resolve()
        return ['10.1.2.3']
      },
    }
    const pac = fromUrl(pathToFileURL(path).href, { resolver: new FakeResolver(names), timeout: 15_000 })
    const first = pac.lookup('http://h.example/')
    await asked.promise
    writeFileSync(path, returning('"PROXY second:1"'))
    expect(await pac.lookup('http://h.example/')).toEqual(['http://second:1'])
    expect(await first).toEqual(['http://second:1'])
  })

  it('fetches a script once, following redirects', async () => {
    let requests = 0
    await withServer(
      (request, response) => {
        requests++
        if (request.url === '/moved') response.writeHead(302, { location: '/proxy.pac' }).end()
        else response.end(returning('"PROXY fetched:1"'))
      },
      async ({ origin }) => {
        const pac = fromUrl(`${origin}/moved`)
        expect(await pac.lookup('http://h.example/')).toEqual(['http://fetched:1'])
        expect(await pac.lookup('http://h.example/')).toEqual(['http://fetched:1'])
        expect(requests).toBe(2)
      },
    )
  })

  it('fetches a script again after ten minutes, and keeps the old one while that fails', async () => {
    let answer: string | null = returning('"PROXY first:1"')
    await withServer(
      (_, response) => void (answer === null ? response.writeHead(500).end() : response.end(answer)),
      async ({ origin }) => {
        const pac = fromUrl(`${origin}/proxy.pac`)
        const start = performance.now()
        const clock = vi.spyOn(performance, 'now')
        const lookupAfter = async (minutes: number): Promise<readonly string[]> => {
          clock.mockReturnValue(start + minutes * 60_000)
          return await pac.lookup('http://h.example/')
        }
        try {
          expect(await lookupAfter(0)).toEqual(['http://first:1'])
          answer = returning('"PROXY second:1"')
          expect(await lookupAfter(9)).toEqual(['http://first:1'])
          expect(await lookupAfter(11)).toEqual(['http://second:1'])
          answer = null
          expect(await lookupAfter(22)).toEqual(['http://second:1'])
          answer = returning('"PROXY third:1"')
          expect(await lookupAfter(22.5)).toEqual(['http://second:1'])
          expect(await lookupAfter(24)).toEqual(['http://third:1'])
        } finally {
          clock.mockRestore()
        }
      },
    )
  })

  it('reports a script that cannot be fetched, and does not go direct', async () => {
    await withServer(
      (request, response) => {
        if (request.url === '/large') response.end(Buffer.alloc(1024 * 1024 + 1, ' '))
        else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end()
        else if (request.url === '/away') response.writeHead(302, { location: 'file:///etc/passwd' }).end()
        else response.writeHead(404).end()
      },
      async ({ origin }) => {
        const code = async (url: string): Promise<unknown> =>
          await fromUrl(url)
            .lookup('http://h.example/')
            .catch((error: unknown) => (error as { code: string }).code)
        expect(await code(`${origin}/missing`)).toBe('NOT_FOUND')
        expect(await code(`${origin}/large`)).toBe('MESSAGE_TOO_LARGE')
        expect(await code(`${origin}/loop`)).toBe('NOT_FOUND')
        expect(await code(`${origin}/away`)).toBe('NOT_SUPPORTED')
        expect(await code('http://127.0.0.1:1/')).toBe('CONNECTION_REFUSED')
        expect(await code('data:nothing')).toBe('INVALID_DATA')
      },
    )
    expect(() => new PacProxyResolver('ftp://h/proxy.pac')).toThrow(/cannot be read/)
    expect(() => new PacProxyResolver('proxy.pac')).toThrow(/cannot be read/)
  })

  it('can be cancelled while it fetches, and while the script runs', async () => {
    const server = await startUnacceptingServer()
    open.push({ close: () => void server.close() })
    for (const pac of [
      fromUrl(`http://127.0.0.1:${server.port}/`),
      fromScript(returning('dnsResolve("slow.example")')),
    ]) {
      const abort = new AbortController()
      const answer = pac.lookup('http://h.example/', { signal: abort.signal })
      setImmediate(() => abort.abort())
      await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' })
    }
  })

  it('takes only URIs with a host', async () => {
    const pac = fromScript(returning('"DIRECT"'))
    await expect(pac.lookup('mailto:a@b')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(pac.lookup('nothing')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})
