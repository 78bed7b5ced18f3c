import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, statSync, symlinkSync, lstatSync, writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { canCompileWith, compileNative, type NativeProgram } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CookieJarDB, CookieJarText, SameSitePolicy, Session } from '../../src/index.ts'
import type { Cookie, CookieJarOptions } from '../../src/index.ts'
import { describeCookie, startWriter, withDirectory } from './jar-support.ts'

const KINDS = ['text', 'db'] as const
type Kind = (typeof KINDS)[number]

function openJar(kind: Kind, file: string, options: CookieJarOptions = {}): CookieJarDB | CookieJarText {
  return kind === 'db' ? new CookieJarDB(file, options) : new CookieJarText(file, options)
}

const ORIGIN = 'https://www.example.org/dir/page'

describe.each(KINDS)('a %s cookie jar', (kind) => {
  test('keeps cookies with an end, with all their attributes, and no others', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies')
      using first = openJar(kind, file)
      first.setCookie(ORIGIN, 'a=1; max-age=100; domain=example.org; secure; httponly; samesite=strict')
      first.setCookie(ORIGIN, 'b=2; max-age=100; path=/; samesite=none; secure')
      first.setCookie(ORIGIN, 'c=\u00c3\u00a9; max-age=100')
      first.setCookie(ORIGIN, 'session=1')
      const kept = first.allCookies().slice(0, 3).map(describeCookie)
      first.close()
      using second = openJar(kind, file)
      expect(second.allCookies().map(describeCookie)).toEqual(kept)
      expect(second.isPersistent).toBe(true)
      expect(second.filename).toBe(file)
      expect(kept[0]).toMatch(/^a\|1\|\.example\.org\|\/dir\|\d+\|1\|1\|2$/)
    }))

  test('is for its owner’s eyes only', () =>
    withDirectory((directory) => {
      using jar = openJar(kind, join(directory, 'cookies'))
      jar.setCookie(ORIGIN, 'a=1; max-age=100')
      jar.flush()
      const modes = readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)
      expect(modes).toEqual(kind === 'db' ? [0o600] : [0o600, 0o600])
    }))

  test('forgets in the file what is deleted, over, or made a session cookie', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies')
      using first = openJar(kind, file)
      for (const name of ['a', 'b', 'c', 'd']) first.setCookie(ORIGIN, `${name}=1; max-age=100`)
      first.flush()
      first.deleteCookie(first.allCookies()[0] as Cookie)
      first.setCookie(ORIGIN, 'b=1; max-age=0')
      first.setCookie(ORIGIN, 'c=2')
      first.close()
      using second = openJar(kind, file)
      expect(second.allCookies().map((cookie) => cookie.name)).toEqual(['d'])
      expect(first.getCookies(ORIGIN, true)).toBe('c=2; d=1')
    }))

  test('reads the newest cookies when there are more than it may hold', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies')
      using first = openJar(kind, file)
      for (let i = 0; i < 50; i++) first.setCookie(ORIGIN, `c${i}=1; max-age=100`)
      first.close()
      using second = openJar(kind, file, { maxCookies: 3 })
      expect(second.getCookies(ORIGIN, true)).toBe('c47=1; c48=1; c49=1')
    }))

  test('keeps cookies apart that differ in their path', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies')
      using first = openJar(kind, file)
      first.setCookie(ORIGIN, 'a=root; max-age=100; path=/')
      first.setCookie(ORIGIN, 'a=dir; max-age=100; path=/dir')
      first.flush()
      first.setCookie(ORIGIN, 'a=; max-age=0; path=/dir')
      first.close()
      using second = openJar(kind, file)
      expect(second.getCookies(ORIGIN, true)).toBe('a=root')
    }))

  test('writes a burst once, a moment later, and nothing after it was closed', () =>
    withDirectory((directory) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      try {
        const file = join(directory, 'cookies')
        using jar = openJar(kind, file)
        const write = vi.spyOn(jar, 'writeNow')
        for (let i = 0; i < 100; i++) jar.setCookie(ORIGIN, `c${i}=1; max-age=100`)
        expect(write).not.toHaveBeenCalled()
        vi.advanceTimersByTime(500)
        expect(write).toHaveBeenCalledTimes(1)
        expect(vi.getTimerCount()).toBe(0)
        using reader = openJar(kind, file)
        expect(reader.allCookies().length).toBe(100)
        jar.setCookie(ORIGIN, 'last=1; max-age=100')
        jar.close()
        jar.setCookie(ORIGIN, 'late=1; max-age=100')
        expect(vi.getTimerCount()).toBe(0)
        using again = openJar(kind, file)
        expect(again.allCookies().length).toBe(101)
      } finally {
        vi.useRealTimers()
      }
    }))

  test('writes when it leaves its session', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies')
      using session = new Session()
      using jar = openJar(kind, file)
      session.addFeature(jar)
      jar.setCookie(ORIGIN, 'a=1; max-age=100')
      session.removeFeature(jar)
      using reader = openJar(kind, file)
      expect(reader.allCookies().length).toBe(1)
    }))

  test('reads a file read-only, and leaves it as it was', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies')
      using none = openJar(kind, file, { readOnly: true })
      none.setCookie(ORIGIN, 'a=1; max-age=100')
      none.close()
      expect(readdirSync(directory)).toEqual([])
      using writer = openJar(kind, file)
      writer.setCookie(ORIGIN, 'a=1; max-age=100')
      writer.close()
      const before = readFileSync(file)
      using jar = openJar(kind, file, { readOnly: true })
      jar.setCookie(ORIGIN, 'b=1; max-age=100')
      expect(jar.getCookies(ORIGIN, true)).toBe('a=1; b=1')
      jar.close()
      expect(readFileSync(file)).toEqual(before)
    }))

  test('takes in what another jar wrote and deleted, and undoes nothing of it', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies')
      using one = openJar(kind, file)
      using other = openJar(kind, file)
      one.setCookie(ORIGIN, 'a=1; max-age=100')
      one.setCookie(ORIGIN, 'b=1; max-age=100')
      one.setCookie(ORIGIN, 'session=1')
      one.flush()
      const changes: string[] = []
      other.on('changed', (before, after) => changes.push(`${before?.name ?? '-'} ${after?.name ?? '-'}`))
      other.setCookie(ORIGIN, 'c=1; max-age=100')
      other.flush()
      expect(other.getCookies(ORIGIN, true)).toBe('c=1; a=1; b=1')
      expect(changes).toEqual(['- c', '- a', '- b'])
      other.deleteCookie(other.allCookies()[1] as Cookie)
      other.flush()
      one.flush()
      expect(one.getCookies(ORIGIN, true)).toBe('b=1; session=1; c=1')
    }))

  test('tells of a write that fails, keeps the changes, and throws when it is closed', () =>
    withDirectory((directory) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      try {
        const file = join(directory, 'cookies')
        const jar = openJar(kind, file)
        const failure = new Error('The disk is full.')
        const write = vi.spyOn(jar as unknown as { write(): null }, 'write').mockImplementation(() => {
          throw failure
        })
        const failures: Error[] = []
        jar.on('write-failed', (error) => failures.push(error))
        jar.setCookie(ORIGIN, 'a=1; max-age=100')
        vi.advanceTimersByTime(500)
        vi.advanceTimersByTime(5000)
        expect(failures).toEqual([failure, failure])
        expect(() => jar.flush()).toThrow(failure)
        write.mockRestore()
        jar.close()
        using reader = openJar(kind, file)
        expect(reader.allCookies().length).toBe(1)
      } finally {
        vi.useRealTimers()
      }
    }))

  test('loses no cookie it said it had written when its process is killed at any moment', { timeout: 60_000 }, () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'cookies')
      for (let round = 0; round < 3; round++) {
        const child = startWriter(kind, file, `k${round}x`, '1000000')
        const exit = once(child, 'exit')
        let last = ''
        let lines = 0
        for await (const line of createInterface({ input: child.stdout as Readable })) {
          last = line
          if (++lines === 10 + 7 * round) child.kill('SIGKILL')
        }
        await exit
        using jar = openJar(kind, file, { readOnly: true })
        const cookies = jar.allCookies().map((cookie) => cookie.toCookieHeader())
        const [name = '', value = ''] = last.split('=')
        // The one after the last that was reported may have made it too.
        expect(cookies.length).toBeLessThanOrEqual(180)
        const values = cookies
          .filter((cookie) => cookie.startsWith(`${name}=`))
          .map((cookie) => cookie.slice(name.length + 1))
        expect(values).toEqual([value])
        if (round < 1) expect(cookies.filter((cookie) => cookie.startsWith('k0x')).length).toBeGreaterThanOrEqual(10)
      }
    }),
  )

  test('loses no cookie when two processes write at once', { timeout: 60_000 }, () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'cookies')
      const children = ['a', 'b'].map((prefix) => startWriter(kind, file, prefix, '60'))
      const codes = await Promise.all(
        children.map(async (child) => {
          child.stdout?.resume()
          return ((await once(child, 'exit')) as [number])[0]
        }),
      )
      expect(codes).toEqual([0, 0])
      using jar = openJar(kind, file)
      expect(jar.allCookies().length).toBe(120)
      expect(readdirSync(directory).filter((name) => name.endsWith('.tmp') || name.endsWith('-journal'))).toEqual([])
    }),
  )
})

describe('a cookies.txt file', () => {
  test('may hold lines that are no cookies', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies.txt')
      const future = Math.floor(Date.now() / 1000) + 1000
      const lines = [
        '# Netscape HTTP Cookie File',
        '',
        ' leading blank',
        'too\tfew\tcolumns',
        `example.org\tFALSE\t/\tFALSE\t${future}\tcurl\t1`,
        `#HttpOnly_.example.org\tTRUE\t/\tTRUE\t${future}\thidden\t2\r`,
        `example.org\tFALSE\t/\tFALSE\t1\tover\t3`,
        `example.org\tFALSE\t/\tFALSE\tnever\todd\t4`,
        `example.org\tFALSE\t/\tFALSE\t${future}\tlong\t${'x'.repeat(20_000)}`,
        `.com\tTRUE\t/\tFALSE\t${future}\tsuffix\t1`,
        `example.org\tFALSE\t/\tFALSE\t${future}\t__Host-x\t1`,
        `example.org\tFALSE\t/\tFALSE\t99999999999999999999\tfar\t1`,
        `example.org\tFALSE\t/\tFALSE\t999999999999999\tforever\t1\tNonsense`,
      ]
      writeFileSync(file, Buffer.concat([Buffer.from(lines.join('\n')), Buffer.from([0, 0xff, 0x0a, 0xfe])]))
      using jar = new CookieJarText(file)
      expect(jar.allCookies().map((cookie) => cookie.name)).toEqual(['curl', 'hidden', 'forever'])
      expect(jar.allCookies()[1]?.httpOnly).toBe(true)
    }))

  test('leaves devices and pipes alone', () =>
    withDirectory((directory) => {
      const pipe = join(directory, 'pipe')
      execFileSync('mkfifo', [pipe])
      for (const file of [pipe, '/dev/null']) {
        expect(() => new CookieJarText(file)).toThrow(expect.objectContaining({ code: 'NOT_SUPPORTED' }) as Error)
      }
      expect(readdirSync(directory)).toEqual(['pipe'])
    }))

  test('keeps its mode and the link that leads to it; a new one is its owner’s alone', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies.txt')
      const link = join(directory, 'link')
      using jar = new CookieJarText(file)
      jar.setCookie(ORIGIN, 'a=1; max-age=100')
      jar.close()
      expect(statSync(file).mode & 0o777).toBe(0o600)
      chmodSync(file, 0o640)
      symlinkSync(file, link)
      using second = new CookieJarText(link)
      second.setCookie(ORIGIN, 'b=1; max-age=100')
      second.close()
      expect(statSync(file).mode & 0o777).toBe(0o640)
      expect(lstatSync(link).isSymbolicLink()).toBe(true)
      expect(readFileSync(file, 'latin1').startsWith('# HTTP Cookie File\n')).toBe(true)
    }))

  test('has no place for a cookie with a tab, which stays in memory', () =>
    withDirectory((directory) => {
      const file = join(directory, 'cookies.txt')
      using jar = new CookieJarText(file)
      jar.setCookie(ORIGIN, 'a=1\t2; max-age=100')
      jar.setCookie(ORIGIN, 'b=1; max-age=100')
      jar.flush()
      writeFileSync(file, readFileSync(file))
      jar.flush()
      expect(jar.allCookies().length).toBe(2)
      jar.close()
      using second = new CookieJarText(file)
      expect(second.allCookies().map((cookie) => cookie.name)).toEqual(['b'])
    }))

  test('that is a directory is an error', () =>
    withDirectory((directory) => {
      expect(() => new CookieJarText(directory)).toThrow(
        expect.objectContaining({ name: 'IOError', code: 'IS_DIRECTORY' }),
      )
    }))
})

describe('a cookie database', () => {
  const dbError: unknown = expect.objectContaining({
    name: 'CookieJarError',
    domain: 'soup-cookie-jar-error-quark',
    code: 'DB',
  })

  function sql(file: string, ...statements: string[]): void {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const db = new DatabaseSync(file)
    for (const statement of statements) db.exec(statement)
    db.close()
  }

  const CREATE_OLD =
    'CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, name TEXT, value TEXT, host TEXT, path TEXT, expiry INTEGER, ' +
    'lastAccessed INTEGER, isSecure INTEGER, isHttpOnly INTEGER)'

  test('from before there was SameSite is brought up to date', () =>
    withDirectory((directory) => {
      const file = join(directory, 'db')
      sql(
        file,
        CREATE_OLD,
        "INSERT INTO moz_cookies VALUES (NULL, 'a', '1', 'example.org', '/', 9999999999, NULL, 0, 0)",
      )
      using jar = new CookieJarDB(file)
      expect(jar.allCookies().map((cookie) => [cookie.name, cookie.sameSitePolicy])).toEqual([
        ['a', SameSitePolicy.LAX],
      ])
      jar.setCookie('https://example.org/', 'b=1; max-age=100; samesite=strict')
      jar.close()
      using again = new CookieJarDB(file)
      expect(again.allCookies().map((cookie) => cookie.sameSitePolicy)).toEqual([
        SameSitePolicy.LAX,
        SameSitePolicy.STRICT,
      ])
    }))

  test.each([
    ['is no database', (file: string) => writeFileSync(file, 'x'.repeat(5000))],
    ['lacks columns', (file: string) => sql(file, 'CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, name TEXT)')],
    ['has a view for a table', (file: string) => sql(file, 'CREATE VIEW moz_cookies AS SELECT 1 AS name')],
    [
      'has a trigger',
      (file: string) =>
        sql(file, CREATE_OLD, 'CREATE TRIGGER t AFTER INSERT ON moz_cookies BEGIN DELETE FROM moz_cookies; END'),
    ],
    [
      'computes a column',
      (file: string) => sql(file, CREATE_OLD.replace('value TEXT', 'value TEXT AS (hex(zeroblob(1000000)))')),
    ],
  ])('that %s is an error', (_, make) =>
    withDirectory((directory) => {
      const file = join(directory, 'db')
      make(file)
      expect(() => new CookieJarDB(file)).toThrow(dbError)
    }),
  )

  test('that is damaged is an error, not a crash', () =>
    withDirectory((directory) => {
      const file = join(directory, 'db')
      using jar = new CookieJarDB(file)
      for (let i = 0; i < 180; i++) jar.setCookie('https://example.org/', `c${i}=${'x'.repeat(1000)}; max-age=100`)
      jar.close()
      const bytes = readFileSync(file)
      bytes.fill(0x5a, 8192)
      writeFileSync(file, bytes)
      expect(() => new CookieJarDB(file)).toThrow(dbError)
    }))

  test('may hold rows that are no cookies', () =>
    withDirectory((directory) => {
      const file = join(directory, 'db')
      sql(
        file,
        CREATE_OLD,
        'INSERT INTO moz_cookies VALUES (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)',
        "INSERT INTO moz_cookies VALUES (NULL, 'a', '1', '.com', '/', 9999999999, NULL, 0, 0)",
        "INSERT INTO moz_cookies VALUES (NULL, 'a', '1', 'example.org', '/', 'soon', NULL, 0, 0)",
        "INSERT INTO moz_cookies VALUES (NULL, 'a', 'b' || char(10), 'example.org', '/', 9999999999, NULL, 0, 0)",
        "INSERT INTO moz_cookies VALUES (NULL, 'a', '1; b=2', 'example.org', '/', 9999999999, NULL, 0, 0)",
        "INSERT INTO moz_cookies VALUES (NULL, 'a', hex(zeroblob(9000)), 'example.org', '/', 9999999999, NULL, 0, 0)",
        "INSERT INTO moz_cookies VALUES (NULL, 'good', x'c3a9', 'example.org', '/', 9223372036854775807, NULL, 'x', 7)",
      )
      using jar = new CookieJarDB(file)
      expect(jar.allCookies().map((cookie) => cookie.toCookieHeader())).toEqual(['good=\u00c3\u00a9'])
    }))

  test('grows no larger than it may, and says so', () =>
    withDirectory((directory) => {
      const file = join(directory, 'db')
      const jar = new CookieJarDB(file, { maxSize: 20_000 })
      expect(jar.maxSize).toBe(16_384)
      for (let i = 0; i < 20; i++) jar.setCookie('https://example.org/', `c${i}=${'x'.repeat(2000)}; max-age=100`)
      expect(() => jar.flush()).toThrow(dbError)
      expect(statSync(file).size).toBeLessThanOrEqual(16_384)
      jar.maxSize = 0
      jar.close()
      using again = new CookieJarDB(file)
      expect(again.allCookies().length).toBe(20)
    }))

  test('takes bytes that are no UTF-8', () =>
    withDirectory((directory) => {
      const file = join(directory, 'db')
      using jar = new CookieJarDB(file)
      jar.setCookie('https://example.org/', 'a=\xff\xfe; max-age=100')
      jar.close()
      using again = new CookieJarDB(file)
      expect(again.getCookies('https://example.org/', true)).toBe('a=\xff\xfe')
      again.setCookie('https://example.org/', 'a=; max-age=0')
      again.close()
      using third = new CookieJarDB(file)
      expect(third.allCookies()).toEqual([])
    }))
})

const hasNative = canCompileWith('libsoup-3.0')
describe.skipIf(!hasNative)('native libsoup', () => {
  let tool: NativeProgram
  beforeAll(async () => {
    tool = await compileNative(new URL('native/cookie-tool.c', import.meta.url), 'libsoup-3.0')
  })
  afterAll(() => tool.remove())

  describe.each(KINDS)('with a %s file', (kind) => {
    const list = async (file: string): Promise<string[]> => {
      const lines = (await tool.run(kind, file, 'list')).split('\n')
      return lines.filter((line) => line !== '').sort()
    }

    test('reads, changes and deletes the cookies written here', () =>
      withDirectory(async (directory) => {
        const file = join(directory, 'cookies')
        using jar = openJar(kind, file)
        jar.setCookie(ORIGIN, 'a=1; max-age=1000; domain=example.org; secure; httponly; samesite=strict')
        jar.setCookie(ORIGIN, 'b=2=3; max-age=1000; path=/')
        jar.setCookie(
          ORIGIN,
          'c=\u00c3\u00a9 \u00c3\u00bc; expires=Wed, 01 Jan 2031 00:00:00 GMT'.replace(
            '2031',
            String(new Date().getUTCFullYear() + 1),
          ),
        )
        jar.setCookie(ORIGIN, 'nameless; max-age=1000')
        jar.setCookie(ORIGIN, 'session=1')
        const written = jar.allCookies().filter((cookie) => cookie.expires !== null)
        jar.close()
        const native = written.map((cookie) => Buffer.from(describeCookie(cookie), 'latin1').toString())
        expect(await list(file)).toEqual(native.sort())
        expect(await tool.run(kind, file, 'send', ORIGIN)).toBe('a=1; c=é ü; nameless; b=2=3\n')

        // Native libsoup 3.2 writes None where no policy was named; here that is Lax.
        await tool.run(kind, file, 'set', ORIGIN, 'b=9; max-age=1000; path=/', 'd=4; max-age=1000')
        await tool.run(kind, file, 'delete', 'c')
        using again = openJar(kind, file)
        expect(again.getCookies(ORIGIN, true)?.split('; ').sort()).toEqual(['a=1', 'b=9', 'd=4', 'nameless'])
      }))

    test('writes cookies that are read, changed and deleted here', () =>
      withDirectory(async (directory) => {
        const file = join(directory, 'cookies')
        await tool.run(
          ...[kind, file, 'set', ORIGIN, 'a=1; max-age=1000; domain=example.org; secure; httponly; samesite=strict'],
          ...['b=2; max-age=1000; samesite=lax', 'c=3; max-age=1000; path=/; samesite=lax', 'session=1'],
        )
        const before = await list(file)
        using jar = openJar(kind, file)
        expect(
          jar
            .allCookies()
            .map((cookie) => Buffer.from(describeCookie(cookie), 'latin1').toString())
            .sort(),
        ).toEqual(before)
        jar.setCookie(ORIGIN, 'c=4; max-age=1000; path=/; samesite=lax')
        for (const cookie of jar.allCookies()) if (cookie.name === 'a') jar.deleteCookie(cookie)
        jar.close()
        expect(await list(file)).toEqual([
          ...before.filter((line) => line.startsWith('b')),
          expect.stringMatching(/^c\|4\|/),
        ])
      }))

    test('changes a file while it is open here, and nothing is lost', () =>
      withDirectory(async (directory) => {
        const file = join(directory, 'cookies')
        using jar = openJar(kind, file)
        jar.setCookie(ORIGIN, 'ours=1; max-age=1000')
        jar.flush()
        await tool.run(kind, file, 'set', ORIGIN, 'theirs=1; max-age=1000')
        jar.setCookie(ORIGIN, 'ours=2; max-age=1000')
        jar.flush()
        expect(jar.getCookies(ORIGIN, true)).toBe('ours=2; theirs=1')
        expect((await list(file)).map((line) => line.slice(0, 8))).toEqual(['ours|2|w', 'theirs|1'])
      }))
  })
})
