import { mkdtemp, rm } from 'node:fs/promises'
import { statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canCompileWith, compileNative, type NativeProgram } from '@wpe-networking/test-support'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { HSTSEnforcerDB, HSTSPolicy, Session } from '../../src/index.ts'

let directory: string
let file: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hsts-'))
  file = join(directory, 'hsts.sqlite')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const describePolicy = ({ domain, maxAge, expires, includesSubdomains }: HSTSPolicy): string =>
  [domain, maxAge, Math.floor((expires?.getTime() ?? 0) / 1000), includesSubdomains ? 1 : 0].join('|')

function sql(...statements: string[]): void {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const db = new DatabaseSync(file)
  for (const statement of statements) db.exec(statement)
  db.close()
}

describe('an HSTS database', () => {
  test('is for its owner’s eyes only', () => {
    using enforcer = new HSTSEnforcerDB(file)
    expect(statSync(enforcer.filename).mode & 0o777).toBe(0o600)
  })

  test('keeps policies with an end, and no others', () => {
    using first = new HSTSEnforcerDB(file)
    first.setPolicy(new HSTSPolicy('example.org', 1000, false))
    first.setPolicy(new HSTSPolicy('bücher.example', 2000, true))
    first.setPolicy(new HSTSPolicy('gone.example', 2000, true))
    first.setSessionPolicy('session.example', true)
    first.flush()
    first.setPolicy(new HSTSPolicy('gone.example', 0, true))
    const kept = first.getPolicies(false).map(describePolicy)
    first.close()
    using second = new HSTSEnforcerDB(file)
    expect(second.getPolicies(true).map(describePolicy)).toEqual(kept)
    expect(second).toMatchObject({ isPersistent: true, filename: file })
    expect(kept.length).toBe(2)
  })

  test('is written once for many changes, and when its session lets it go', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      using session = new Session()
      using enforcer = new HSTSEnforcerDB(file)
      session.addFeature(enforcer)
      const write = vi.spyOn(enforcer, 'writeNow')
      for (let i = 0; i < 50; i++) enforcer.setPolicy(new HSTSPolicy(`h${i}.example`, 1000, false))
      expect(write).not.toHaveBeenCalled()
      vi.advanceTimersByTime(500)
      expect(write).toHaveBeenCalledTimes(1)
      enforcer.setPolicy(new HSTSPolicy('last.example', 1000, false))
      session.removeFeature(enforcer)
      expect(vi.getTimerCount()).toBe(0)
      using reader = new HSTSEnforcerDB(file)
      expect(reader.getDomains(false).length).toBe(51)
    } finally {
      vi.useRealTimers()
    }
  })

  test('takes in what another process wrote', () => {
    using one = new HSTSEnforcerDB(file)
    using other = new HSTSEnforcerDB(file)
    one.setPolicy(new HSTSPolicy('one.example', 1000, false))
    one.flush()
    other.setPolicy(new HSTSPolicy('other.example', 1000, false))
    other.flush()
    expect(other.getDomains(false).sort()).toEqual(['one.example', 'other.example'])
    one.flush()
    expect(one.getDomains(false).sort()).toEqual(['one.example', 'other.example'])
  })

  test('that cannot be written is reported, tried again, and kept in memory', () => {
    const enforcer = new HSTSEnforcerDB(file)
    const failures: Error[] = []
    enforcer.on('write-failed', (error) => failures.push(error))
    sql('DROP TABLE soup_hsts_policies')
    enforcer.setPolicy(new HSTSPolicy('example.org', 1000, false))
    enforcer.detach()
    expect(failures).toEqual([expect.objectContaining({ name: 'IOError' })])
    expect(() => enforcer.close()).toThrow(expect.objectContaining({ name: 'IOError' }))
    expect(enforcer.hasValidPolicy('example.org')).toBe(true)
  })

  test('may hold rows that are no policies', () => {
    new HSTSEnforcerDB(file).close()
    const insert = 'INSERT INTO soup_hsts_policies (host, max_age, expiry, include_subdomains) VALUES'
    sql(
      `${insert} ('127.0.0.1', 1, 9999999999, 0), (NULL, 1, 9999999999, 0), ('', 1, 9999999999, 0)`,
      `${insert} ('over.example', 1, 1, 0), ('odd.example', 'x', 'y', 'z'), (x'ff00', 1, 9999999999, 0)`,
      `${insert} ('far.example', 9223372036854775807, 9223372036854775807, 1)`,
    )
    using enforcer = new HSTSEnforcerDB(file)
    expect(enforcer.getDomains(true)).toContain('far.example')
    expect(enforcer.hasValidPolicy('over.example')).toBe(false)
    expect(enforcer.getDomains(true)).not.toContain('odd.example')
  })

  test('that is none is an error', () => {
    writeFileSync(file, 'no database, whatever its name says '.repeat(100))
    expect(() => new HSTSEnforcerDB(file)).toThrow(expect.objectContaining({ name: 'IOError', code: 'INVALID_DATA' }))
    expect(() => new HSTSEnforcerDB(join(directory, 'missing', 'file'))).toThrow(
      expect.objectContaining({ name: 'IOError', code: 'NOT_FOUND' }),
    )
  })
})

describe.skipIf(!canCompileWith('libsoup-3.0'))('native libsoup', () => {
  let tool: NativeProgram
  beforeAll(async () => {
    tool = await compileNative(new URL('native/hsts-tool.c', import.meta.url), 'libsoup-3.0')
  })
  afterAll(() => tool.remove())

  const list = async (): Promise<string[]> =>
    (await tool.run(file, 'list'))
      .split('\n')
      .filter((line) => line !== '')
      .sort()

  test('reads and changes the policies written here', async () => {
    using enforcer = new HSTSEnforcerDB(file)
    enforcer.setPolicy(new HSTSPolicy('example.org', 1000, false))
    enforcer.setPolicy(new HSTSPolicy('xn--bcher-kva.example', 2000, true))
    const written = enforcer.getPolicies(false).map(describePolicy).sort()
    enforcer.close()
    expect(await list()).toEqual(written)
    await tool.run(file, 'set', 'example.org', '5000', '1')
    await tool.run(file, 'set', 'bücher.example', '0', '0')
    using again = new HSTSEnforcerDB(file)
    expect(again.getPolicies(false)).toMatchObject([{ domain: 'example.org', maxAge: 5000, includesSubdomains: true }])
  })

  test('writes policies that are read and changed here', async () => {
    await tool.run(file, 'set', 'example.org', '1000', '1')
    await tool.run(file, 'set', 'xn--bcher-kva.example', '2000', '0')
    const written = await list()
    using enforcer = new HSTSEnforcerDB(file)
    expect(enforcer.getPolicies(false).map(describePolicy).sort()).toEqual(written)
    enforcer.setPolicy(new HSTSPolicy('bücher.example', 0, false))
    enforcer.setPolicy(new HSTSPolicy('example.org', 7, false))
    enforcer.close()
    expect(await list()).toEqual([expect.stringMatching(/^example\.org\|7\|\d+\|0$/)])
  })
})
