import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DiskStore } from '../../src/cache/disk-store.ts'
import { parseEntry } from '../../src/cache/entry-file.ts'
import { parseOrder } from '../../src/cache/order-file.ts'
import { bodiesOf, bodyOf, keyOf, newHead, readBody, store } from './disk-store-support.ts'

/** What nobody uses goes at once, even if the clock of the file system is ahead. */
const ANY_AGE = -Infinity

let directory: string
let stores: DiskStore[] = []
let errors: Error[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-store-'))
  errors = []
})
afterEach(async () => {
  for (const one of stores) await one.close()
  stores = []
  await rm(directory, { recursive: true })
})

async function open(options: { maxSize?: number; orphanAge?: number } = {}): Promise<DiskStore> {
  const opened = new DiskStore({
    cacheDir: directory,
    maxSize: options.maxSize ?? 2 ** 30,
    onError: (error) => errors.push(error),
    orphanAge: options.orphanAge ?? ANY_AGE,
  })
  stores.push(opened)
  await opened.load()
  return opened
}

/** Stores one entry of each kind and closes. */
async function fill(numbers: readonly number[] = [0, 1]): Promise<void> {
  const filled = await open()
  for (const number of numbers) store(filled, newHead(keyOf(number)), bodyOf(number, 0))
  await filled.close()
}

async function files(ending = ''): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  return found.filter((file) => file.isFile() && file.name.endsWith(ending)).map((f) => join(f.parentPath, f.name))
}

test('finds what another process stored', async () => {
  await fill([0, 1, 2, 3])
  const again = await open()
  for (const number of [0, 1, 2, 3]) expect(await bodiesOf(again, keyOf(number))).toEqual([bodyOf(number, 0)])
  const [entry] = (await again.find(keyOf(1))) ?? []
  expect(entry?.head.data).toEqual(newHead(keyOf(1)).data)
  expect(again.find(keyOf(9))).toBeNull()
})

test('replaces, freshens and removes entries, and leaves no file of them', async () => {
  const disk = await open()
  for (const version of [0, 1, 2]) {
    store(disk, newHead(keyOf(1)), bodyOf(1, version))
    await disk.flush()
  }
  expect(await bodiesOf(disk, keyOf(1))).toEqual([bodyOf(1, 2)])
  expect(await files('.b')).toHaveLength(1)
  const [entry] = (await disk.find(keyOf(1))) ?? []
  if (entry === undefined) throw new Error('It was stored.')
  disk.update(entry, newHead(keyOf(1), [], ['ETag', '"b"']))
  const [updated] = (await disk.find(keyOf(1))) ?? []
  expect(updated?.head.etag).toBe('"b"')
  expect(await bodiesOf(disk, keyOf(1))).toEqual([bodyOf(1, 2)])
  disk.remove(keyOf(1))
  expect(await bodiesOf(disk, keyOf(1))).toEqual([])
  disk.update(entry, newHead(keyOf(1)))
  await disk.flush()
  expect(await files('.h')).toEqual([])
  expect(await files('.b')).toEqual([])
  expect(disk.size).toBe(0)
})

test('keeps a number of variants, the newest', async () => {
  const disk = await open()
  for (let i = 0; i < 12; i++) store(disk, newHead(keyOf(1), [['x', String(i)]]), bodyOf(1, i))
  const found = (await disk.find(keyOf(1))) ?? []
  expect(found.map(({ head }) => head.data.varying[0]?.[1])).toEqual(['4', '5', '6', '7', '8', '9', '10', '11'])
  expect(await files('.b')).toHaveLength(8)
})

test('lets nobody else look into its files', async () => {
  const before = process.umask(0)
  await fill().finally(() => process.umask(before))
  const modes = async (paths: string[]): Promise<Set<number>> => {
    return new Set(await Promise.all(paths.map(async (path) => (await stat(path)).mode & 0o777)))
  }
  expect(await modes(await files())).toEqual(new Set([0o600]))
  const root = join(directory, 'responses-1')
  const shards = (await readdir(root, { withFileTypes: true })).filter((file) => file.isDirectory())
  expect(await modes([root, ...shards.map(({ name }) => join(root, name))])).toEqual(new Set([0o700]))
})

test('names files by nothing that a URI says', async () => {
  const disk = await open()
  store(disk, newHead('-\nhttp://example.org:80/../../secret'), bodyOf(1, 0))
  await disk.flush()
  for (const file of await files())
    expect(file).toMatch(/\/[0-9a-f]{2}\/[0-9a-f]{32}-[0-9a-f]{8}(\.[0-9a-f]{16}\.b|\.h)$/)
})

test('keeps the order of use, and evicts by it after the next start', async () => {
  const disk = await open()
  for (const number of [0, 2, 4]) {
    store(disk, newHead(keyOf(number)), bodyOf(number, 0))
    await disk.flush()
  }
  await disk.find(keyOf(0))
  const { size } = disk
  await disk.close()
  const again = await open({ maxSize: size - 1 })
  expect(again.find(keyOf(2))).not.toBeNull() // its files are being removed
  await again.flush()
  expect([0, 2, 4].map((number) => again.find(keyOf(number)) !== null)).toEqual([true, false, true])
  expect(await files('.h')).toHaveLength(2)
})

test('knows sizes without the file of the order, and with a damaged one', async () => {
  await fill([0, 1, 2])
  const order = join(directory, 'responses-1', 'order')
  const { size } = await open()
  await truncate(order, 50)
  expect((await open()).size).toBe(size)
  await unlink(order)
  expect((await open()).size).toBe(size)
})

describe('what is damaged is lost, and nothing else', () => {
  const damages: [what: string, (headFile: string, bodyFile: string) => Promise<void>][] = [
    ['an entry cut short', (head) => truncate(head, 40)],
    ['an empty entry', (head) => truncate(head, 0)],
    ['an entry with something behind it', async (head) => writeFile(head, 'more', { flag: 'a' })],
    ['an entry of something else', (head) => writeFile(head, 'something else entirely')],
    ['an entry with a bit flipped in its head', (head) => flipBit(head, 60)],
    ['an entry with a bit flipped in its prelude', (head) => flipBit(head, 9)],
    ['a body that is gone', (_head, body) => unlink(body)],
    ['a body cut short', (_head, body) => truncate(body, 100)],
    ['a body with a bit flipped', (_head, body) => flipBit(body, 69_000)],
  ]
  test.each(damages)('%s', async (_what, damage) => {
    await fill([1, 3])
    const heads = await files('.h')
    const isFirst = async (path: string): Promise<boolean> =>
      parseEntry(await readFile(path))?.head.data.key === keyOf(1)
    const first = (await isFirst(heads[0] ?? '')) ? heads[0] : heads[1]
    const stem = (first ?? '').slice(0, -2)
    await damage(first ?? '', (await files('.b')).find((file) => file.startsWith(stem)) ?? '')
    const disk = await open()
    const bodies = await bodiesOf(disk, keyOf(1))
    expect(bodies.every((body) => body === null)).toBe(true)
    expect(await bodiesOf(disk, keyOf(3))).toEqual([bodyOf(3, 0)])
    await disk.flush()
    expect(disk.find(keyOf(1))).toBeNull()
    expect(await files('.h')).toHaveLength(1)
    expect(await files('.b')).toHaveLength(1)
    store(disk, newHead(keyOf(1)), bodyOf(1, 1))
    expect(await bodiesOf(disk, keyOf(1))).toEqual([bodyOf(1, 1)])
    expect(errors).toEqual([])
  })

  test('a short body with a bit flipped', async () => {
    await fill([2])
    const [head = ''] = await files('.h')
    await flipBit(head, (await stat(head)).size - 1)
    const disk = await open()
    expect(await bodiesOf(disk, keyOf(2))).toEqual([])
    await disk.flush()
    expect(await files('.h')).toEqual([])
  })

  test('bytes of any kind are no entry and no order', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(bytes, (file) => {
        expect(parseEntry(file)).toBeNull()
        expect(parseEntry(Buffer.concat([Buffer.from('WPESOUP1'), file]))).toBeNull()
        expect(parseOrder(file).size).toBe(0)
      }),
    )
  })

  async function flipBit(path: string, at: number): Promise<void> {
    const bytes = await readFile(path)
    bytes[at] = (bytes[at] as number) ^ 0x10
    await writeFile(path, bytes)
  }
})

test('clears away what a killed process was writing, but not what a live one is', async () => {
  await fill([1])
  const [body = ''] = await files('.b')
  const shard = join(body, '..')
  const left = join(shard, `${'0'.repeat(32)}-00000000.h.0123456789abcdef.tmp`)
  const orphan = join(shard, `${basename(shard)}${'0'.repeat(30)}-00000000.0123456789abcdef.b`)
  const second = body.replace(/[0-9a-f]{16}\.b$/, '0123456789abcdef.b')
  for (const path of [left, orphan, second]) await writeFile(path, 'x')
  await open({ orphanAge: 60_000 })
  expect(await files()).toEqual(expect.arrayContaining([left, orphan, second]))
  await utimes(left, 1, 1)
  await open({ orphanAge: 60_000 })
  expect(await files()).not.toContain(left)
  const disk = await open()
  expect(await files()).not.toContain(orphan)
  expect(await files('.b')).toEqual([body])
  expect(await bodiesOf(disk, keyOf(1))).toEqual([bodyOf(1, 0)])
})

test('an entry that is given up leaves nothing', async () => {
  const disk = await open()
  for (const length of [100, 100_000]) {
    const writer = disk.createWriter(newHead(keyOf(0)), null)
    writer?.write(Buffer.alloc(length))
    writer?.abort()
    expect(writer?.write(Buffer.alloc(1))).toBe(false)
  }
  await expect.poll(() => files('.tmp')).toEqual([])
  expect(disk.find(keyOf(0))).toBeNull()
})

test('takes no more than so many entries at once', async () => {
  const disk = await open()
  const writers = Array.from({ length: 65 }, (_, i) => disk.createWriter(newHead(keyOf(i)), null))
  expect(writers.filter((writer) => writer !== null)).toHaveLength(64)
  for (const writer of writers) writer?.abort()
  await expect.poll(() => disk.createWriter(newHead(keyOf(0)), null)).not.toBeNull()
})

test('a directory that cannot be used is told', async () => {
  await mkdir(join(directory, 'cache'))
  await writeFile(join(directory, 'cache', 'responses-1'), 'a file')
  const told: Error[] = []
  const options = { cacheDir: join(directory, 'cache'), maxSize: 1000, onError: (error: Error) => told.push(error) }
  const disk = new DiskStore(options)
  expect(await disk.find(keyOf(0))).toEqual([])
  expect(told).toHaveLength(1)
  expect(disk.find(keyOf(0))).toBeNull()
  expect(disk.createWriter(newHead(keyOf(0)), null)).toBeNull()
  await expect(disk.load()).rejects.toMatchObject({ code: 'EEXIST' })
  await disk.close()
})

test('a disk that refuses to write is told, and the entry is not there', async () => {
  const disk = await open()
  for (let i = 0; i < 256; i++) await writeFile(join(directory, 'responses-1', i.toString(16).padStart(2, '0')), '')
  for (const number of [0, 1]) {
    store(disk, newHead(keyOf(number)), bodyOf(number, 0))
    expect(await bodiesOf(disk, keyOf(number))).toEqual([])
    expect(errors).toHaveLength(number + 1)
  }
  await disk.dump()
})

test('another process may clear the directory', async () => {
  const disk = await open()
  store(disk, newHead(keyOf(1)), bodyOf(1, 0))
  await disk.flush()
  const other = await open()
  await other.clear()
  expect(await bodiesOf(disk, keyOf(1))).toEqual([])
  store(disk, newHead(keyOf(1)), bodyOf(1, 1))
  expect(await bodiesOf(disk, keyOf(1))).toEqual([bodyOf(1, 1)])
  expect(errors).toEqual([])
})

describe('processes', () => {
  const KEYS = 40

  async function start(seed: number): Promise<{ child: ChildProcess; lines: string[] }> {
    const script = join(import.meta.dirname, 'disk-store-child.ts')
    const child = spawn(process.execPath, [script, directory, String(KEYS), String(seed)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines: string[] = []
    const output = createInterface(child.stdout)
    output.on('line', (line) => lines.push(line))
    await once(output, 'line')
    return { child, lines }
  }

  async function kill(child: ChildProcess): Promise<void> {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** Every entry is whole, and every file belongs to one. */
  async function expectSound(): Promise<void> {
    const disk = await open()
    for (let number = 0; number < KEYS; number++) {
      for (const entry of (await disk.find(keyOf(number))) ?? []) {
        const body = await readBody(disk, entry)
        // Two processes may have taken a body from under an entry; then there is no entry.
        if (body !== null) expect(body.equals(bodyOf(number, body[0] ?? 0))).toBe(true)
      }
    }
    await disk.close()
    expect(await files('.tmp')).toEqual([])
    const heads = new Set((await files('.h')).map((file) => file.slice(0, -2)))
    for (const file of await files('.b')) expect(heads).toContain(file.slice(0, -19))
    expect(errors).toEqual([])
  }

  test('killed at any moment leave whole entries', { timeout: 60_000 }, async () => {
    for (let round = 1; round <= 6; round++) {
      const { child, lines } = await start(round * 7919)
      await expect.poll(() => lines.length, { interval: 1, timeout: 20_000 }).toBeGreaterThan(round * 4)
      await kill(child)
      expect(new Set(lines)).toEqual(new Set(['begun', 'alive']))
      await expectSound()
    }
    expect((await files('.h')).length).toBeGreaterThan(0)
  })

  test('share a directory without harm', { timeout: 60_000 }, async () => {
    const children = await Promise.all([start(11), start(13)])
    const disk = await open({ orphanAge: 60_000 })
    for (let number = 0; number < KEYS; number++) {
      store(disk, newHead(keyOf(number)), bodyOf(number, 4))
      for (const body of await bodiesOf(disk, keyOf(number))) {
        if (body !== null) expect(body.equals(bodyOf(number, body[0] ?? 0))).toBe(true)
      }
    }
    for (const { child } of children) await kill(child)
    for (const { lines } of children) expect(new Set(lines)).toEqual(new Set(['begun', 'alive']))
    await disk.close()
    await expectSound()
  })
})
