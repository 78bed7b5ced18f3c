// That the NTLM server is right is for another client to say: curl.
import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { CertificateAuthority, withNtlmServer, type NtlmRequestHandler, type NtlmServerOptions } from '../src/index.ts'

const curlHasNtlm = /\bNTLM\b/.test(spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout ?? '')

/** Of the password `Password`, MS-NLMP section 4.2.4.1.2; curl makes it by itself. */
const ntHash = Buffer.from('a4f49c406510bdcab6824ee7c30fd852', 'hex')
// curl seals nothing and does not name its TLS connection.
const forCurl: NtlmServerOptions = {
  users: [
    { user: 'alice', ntHash },
    { user: 'bob', domain: 'WORK', ntHash },
  ],
  requireMic: false,
  requireChannelBindings: false,
}
const greet: NtlmRequestHandler = (request, response, user) => void response.end(`${user} at ${request.url}`)

async function curl(...parameters: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('curl', [
    '-sS',
    '--max-time',
    '20',
    '-w',
    ' %{http_code}',
    ...parameters,
  ])
  return stdout
}

describe.skipIf(!curlHasNtlm)('curl --ntlm', () => {
  it('is let in by the right password, with and without a domain, once for a connection', async () => {
    await withNtlmServer(greet, forCurl, async (server) => {
      expect(await curl('--ntlm', '-u', 'alice:Password', `${server.origin}/a`, `${server.origin}/b`)).toBe(
        'alice at /a 200alice at /b 200',
      )
      expect(server.log).toEqual(['1 type 1', '1 type 3', '1 request'])
      expect(await curl('--ntlm', '-u', 'WORK\\bob:Password', `${server.origin}/`)).toBe('bob at / 200')
      expect(server.refusals).toEqual([])
    })
  })

  it.each([
    ['a wrong password', 'alice:password', 'wrong password'],
    ['a wrong domain', 'HOME\\bob:Password', 'unknown user "HOME\\\\bob"'],
  ])('is refused with %s', async (_, credentials, refusal) => {
    await withNtlmServer(greet, forCurl, async (server) => {
      expect(await curl('--ntlm', '-u', credentials, `${server.origin}/`)).toBe('no 401')
      expect(server.refusals).toEqual([refusal])
    })
  })

  it('is refused without the MIC it does not make, where that is required', async () => {
    await withNtlmServer(greet, { ...forCurl, requireMic: true }, async (server) => {
      expect(await curl('--ntlm', '-u', 'alice:Password', `${server.origin}/`)).toBe('no 401')
      expect(server.refusals).toEqual(['no MIC'])
    })
  })

  it('is let in over TLS, and refused without channel bindings where they are required', async () => {
    const authority = await CertificateAuthority.create()
    const certificate = await authority.issue()
    const directory = await mkdtemp(join(tmpdir(), 'curl-'))
    try {
      const anchor = join(directory, 'root.pem')
      writeFileSync(anchor, authority.certificatePem)
      const get = (origin: string): Promise<string> =>
        curl('--ntlm', '-u', 'alice:Password', '--cacert', anchor, `${origin}/`)
      await withNtlmServer(greet, { ...forCurl, certificate }, async (server) => {
        expect(await get(server.origin)).toBe('alice at / 200')
      })
      await withNtlmServer(greet, { ...forCurl, certificate, requireChannelBindings: true }, async (server) => {
        expect(await get(server.origin)).toBe('no 401')
        expect(server.refusals).toEqual(['no channel bindings'])
      })
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  it('gets through it as a proxy, by a tunnel and without', async () => {
    await withNtlmServer(greet, forCurl, async (origin) => {
      await withNtlmServer(greet, { ...forCurl, proxy: true }, async (proxy) => {
        const through = ['--proxy', proxy.origin, '--proxy-ntlm', '-U', 'alice:Password']
        expect(await curl(...through, 'http://elsewhere.test/x')).toBe('alice at http://elsewhere.test/x 200')
        const tunnelled = await curl(...through, '-p', '--ntlm', '-u', 'WORK\\bob:Password', `${origin.origin}/y`)
        expect(tunnelled).toBe('bob at /y 200')
        expect(proxy.log).toEqual(['1 type 1', '1 type 3', '2 type 1', '2 type 3'])
        expect(origin.log).toEqual(['1 type 1', '1 type 3'])
      })
    })
  })
})
