// GNOME's settings, through a program that stands in for gsettings, and through the real one with its keyfile backend.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GnomeProxyResolver } from '@wpe-networking/glib-gio'
import { DefaultProxyResolver } from '../../src/proxy/default-proxy-resolver.ts'
import { EnvironmentProxyResolver } from '../../src/proxy/environment-proxy-resolver.ts'
import { parseSettingsValue } from '../../src/proxy/gsettings.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gnome-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true })
})

function writeProgram(script: string): void {
  writeFileSync(join(directory, 'gsettings'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

/** A gsettings that knows `settings`, keyed by what follows 'org.gnome.system.proxy'. */
function resolverFor(settings: Readonly<Record<string, string>>): GnomeProxyResolver {
  const lines = Object.entries(settings).map(([key, value]) => `org.gnome.system.proxy${key} ${value}`)
  writeFileSync(join(directory, 'settings'), `${lines.join('\n')}\n`)
  writeProgram(`[ "$*" = "list-recursively org.gnome.system.proxy" ] && exec cat '${directory}/settings'`)
  return inSession()
}

function inSession(): GnomeProxyResolver {
  const environment = { XDG_CURRENT_DESKTOP: 'ubuntu:GNOME', PATH: `${directory}:${process.env['PATH'] ?? ''}` }
  return new GnomeProxyResolver({ environment })
}

const MANUAL = {
  ' mode': "'manual'",
  ' ignore-hosts': "['localhost', '10.0.0.0/8']",
  ' use-same-proxy': 'true',
  '.http host': "'web.test'",
  '.http port': '3128',
  '.https host': "''",
  '.https port': '0',
  '.socks host': "''",
}

describe('GnomeProxyResolver', () => {
  it('is supported only in a session of such a desktop, with gsettings there', () => {
    writeProgram('exit 0')
    const supports = (environment: NodeJS.ProcessEnv): boolean => new GnomeProxyResolver({ environment }).isSupported
    expect(supports({ XDG_CURRENT_DESKTOP: 'GNOME', PATH: directory })).toBe(true)
    expect(supports({ XDG_CURRENT_DESKTOP: 'KDE', PATH: directory })).toBe(false)
    expect(supports({ PATH: directory })).toBe(false)
    expect(supports({ XDG_CURRENT_DESKTOP: 'GNOME', PATH: '/nonexistent' })).toBe(false)
  })

  it('goes direct in mode none', async () => {
    const resolver = resolverFor({ ...MANUAL, ' mode': "'none'" })
    expect(await resolver.lookup('http://h/')).toEqual(['direct://'])
  })

  it('goes by the proxies and the hosts to ignore in mode manual', async () => {
    const resolver = resolverFor(MANUAL)
    expect(await resolver.lookup('http://h/')).toEqual(['http://web.test:3128'])
    expect(await resolver.lookup('https://h/')).toEqual(['http://web.test:3128'])
    expect(await resolver.lookup('none://h:1')).toEqual(['http://web.test:3128'])
    expect(await resolver.lookup('http://localhost/')).toEqual(['direct://'])
    expect(await resolver.lookup('http://10.1.1.1/')).toEqual(['direct://'])
  })

  it('has proxies of their own for https and for all else, and users', async () => {
    const resolver = resolverFor({
      ...MANUAL,
      ' ignore-hosts': '@as []',
      '.http use-authentication': 'true',
      '.http authentication-user': "'me@work'",
      '.http authentication-password': String.raw`"it's: \"\u00e9\""`,
      '.https host': "'2001:db8::1'",
      '.https port': 'uint32 8443',
      '.socks host': "'socks.test'",
      '.socks port': '1080',
    })
    expect(await resolver.lookup('http://h/')).toEqual([`http://me%40work:it%27s%3A%20%22%C3%A9%22@web.test:3128`])
    expect(await resolver.lookup('wss://h/')).toEqual(['http://[2001:db8::1]:8443'])
    expect(await resolver.lookup('ftp://h/')).toEqual([
      'socks5://socks.test:1080',
      'socks4a://socks.test:1080',
      'socks4://socks.test:1080',
    ])
  })

  it('asks the script in mode auto, but for the hosts to ignore', async () => {
    const script = 'function FindProxyForURL(url, host) { return "PROXY pac.test:1" }'
    const url = `data:,${encodeURIComponent(script)}`
    const resolver = resolverFor({ ...MANUAL, ' mode': "'auto'", ' autoconfig-url': `'${url.replaceAll("'", '%27')}'` })
    expect(await resolver.lookup('http://h/')).toEqual(['http://pac.test:1'])
    expect(await resolver.lookup('http://localhost/')).toEqual(['direct://'])
  })

  it('does not go direct when there is no script, or it is of an unknown kind', async () => {
    for (const url of ['', 'gopher://h/proxy.pac']) {
      const resolver = resolverFor({ ' mode': "'auto'", ' autoconfig-url': `'${url}'` })
      const both = new DefaultProxyResolver([resolver, new EnvironmentProxyResolver({ http_proxy: 'http://env:1' })])
      await expect(both.lookup('http://h/')).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
    }
  })

  it('asks gsettings once for lookups at the same time', async () => {
    const counter = join(directory, 'count')
    writeProgram(`echo x >> '${counter}'; echo "org.gnome.system.proxy mode 'none'"`)
    const resolver = inSession()
    await Promise.all([resolver.lookup('http://a/'), resolver.lookup('http://b/')])
    await resolver.lookup('http://c/')
    expect(execFileSync('cat', [counter], { encoding: 'utf8' })).toBe('x\n')
  })

  it.each(['echo "No such schema" >&2; exit 1', 'exit 0', 'echo garbage'])(
    'leaves it to the environment when gsettings has no answer (%s)',
    async (script) => {
      writeProgram(script)
      const gnome = inSession()
      const both = new DefaultProxyResolver([gnome, new EnvironmentProxyResolver({ http_proxy: 'http://env:1' })])
      expect(await both.lookup('http://h/')).toEqual(['http://env:1'])
      expect(gnome.isSupported).toBe(false)
      await expect(gnome.lookup('http://h/')).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
    },
  )

  it('can be cancelled while gsettings runs', async () => {
    writeProgram('exec sleep 1')
    const abort = new AbortController()
    const answer = inSession().lookup('http://h/', { signal: abort.signal })
    setImmediate(() => abort.abort())
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('values of gsettings', () => {
  it.each<[string, unknown]>([
    ["'text'", 'text'],
    ['"it\'s"', "it's"],
    [String.raw`'a\n\t\\\'\u0041\U0001f600'`, "a\n\t\\'A😀"],
    [String.raw`'\U7fffffff'`, '\ufffd'],
    ['42', 42],
    ['-1', -1],
    ['uint32 7', 7],
    ['true', true],
    ['@as []', []],
    [`['a', "b'c"]`, ['a', "b'c"]],
    ["('a', 1)", null],
    ["'a' 'b'", null],
    ["'open", null],
    ['', null],
  ])('reads %s', (text, value) => {
    expect(parseSettingsValue(text)).toEqual(value)
  })
})

const hasSchema = spawnSync('gsettings', ['get', 'org.gnome.system.proxy', 'mode'], { stdio: 'ignore' }).status === 0

describe('the real gsettings', () => {
  it.skipIf(!hasSchema)('gives what was set with it', async () => {
    const before = { ...process.env }
    try {
      process.env['GSETTINGS_BACKEND'] = 'keyfile'
      process.env['XDG_CONFIG_HOME'] = directory
      const set = (schema: string, key: string, value: string): void => {
        execFileSync('gsettings', ['set', `org.gnome.system.proxy${schema}`, key, value])
      }
      set('', 'mode', 'manual')
      set('', 'ignore-hosts', "['*.inside.test', '::1']")
      set('.http', 'host', 'web.test')
      set('.http', 'port', '8080')
      const resolver = new GnomeProxyResolver({ environment: { ...process.env, XDG_CURRENT_DESKTOP: 'GNOME' } })
      expect(await resolver.lookup('https://h/')).toEqual(['http://web.test:8080'])
      expect(await resolver.lookup('https://a.inside.test/')).toEqual(['direct://'])
      expect(await resolver.lookup('none://[::1]:80')).toEqual(['direct://'])
    } finally {
      process.env = before
    }
  })
})
