// What every Resolver does with answers: keeps them, throws the least used away, forgets them when the machine changes.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { InetAddress, Resolver, ResolverRecordType } from '@wpe-networking/glib-gio'
import type { ResolverAnswer, ResolverOptions } from '@wpe-networking/glib-gio'

class CountingResolver extends Resolver {
  readonly asked: string[] = []
  answer: (hostname: string) => Promise<ResolverAnswer<InetAddress>> = async () => ({
    values: [InetAddress.fromBytes(Uint8Array.of(192, 0, 2, 1))],
    ttl: 60,
  })

  constructor(options: ResolverOptions = {}) {
    super({ watchedFiles: [], ...options })
  }

  protected override resolve(hostname: string): Promise<ResolverAnswer<InetAddress>> {
    this.asked.push(hostname)
    return this.answer(hostname)
  }

  protected override resolveRecords(name: string): Promise<never> {
    this.asked.push(name)
    return Promise.reject(new Error('This test wants no records.'))
  }
}

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'resolver-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'hosts'), text)
  return join(folder, 'hosts')
}

describe('The cache of a Resolver', () => {
  it('throws away what was used longest ago', async () => {
    const resolver = new CountingResolver({ maxEntries: 2 })
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await resolver.lookupByName(`${name}.test`)
    expect(resolver.asked).toEqual(['a.test', 'b.test', 'c.test', 'b.test'])
  })

  it('can be switched off', async () => {
    const resolver = new CountingResolver({ maxEntries: 0 })
    for (let i = 0; i < 3; i++) await resolver.lookupByName('a.test')
    expect(resolver.asked).toHaveLength(3)
  })

  it('gives everybody an array of their own', async () => {
    const resolver = new CountingResolver()
    const first = await resolver.lookupByName('a.test')
    first.length = 0
    expect(await resolver.lookupByName('a.test')).toHaveLength(1)
  })

  it('keeps a "no" as long as it holds', async () => {
    let now = 0
    const resolver = new CountingResolver({ clock: () => now })
    resolver.answer = async () => ({ values: [], ttl: 5 })
    for (now of [0, 4_999, 5_000]) {
      await expect(resolver.lookupByName('no.test')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(resolver.asked).toHaveLength(2)
  })

  it('keeps nothing that was asked before a reload and answered after it', async () => {
    const resolver = new CountingResolver()
    const late = Promise.withResolvers<ResolverAnswer<InetAddress>>()
    const { answer } = resolver
    resolver.answer = () => late.promise
    const before = resolver.lookupByName('a.test')
    resolver.reload()
    resolver.answer = answer
    expect(await resolver.lookupByName('a.test')).toHaveLength(1)
    late.resolve({ values: [InetAddress.fromString('203.0.113.1')!], ttl: 60 })
    expect((await before).map(String)).toEqual(['203.0.113.1'])
    expect((await resolver.lookupByName('a.test')).map(String)).toEqual(['192.0.2.1'])
    expect(resolver.asked).toHaveLength(2)
  })
})

describe('reload', () => {
  it('comes when a file of the configuration has changed, at the next question two seconds later', async () => {
    let now = 0
    const file = await fileWith('one')
    const resolver = new CountingResolver({ watchedFiles: [file], clock: () => now })
    const onReload = vi.fn()
    resolver.on('reload', onReload)
    onTestFinished(() => void resolver.removeAllListeners())
    await resolver.lookupByName('a.test')
    await writeFile(file, 'another')
    now = 1_999
    await resolver.lookupByName('a.test')
    expect(onReload).not.toHaveBeenCalled()
    now = 2_000
    await resolver.lookupByName('a.test')
    expect(onReload).toHaveBeenCalledOnce()
    now = 4_000
    await resolver.lookupByName('a.test')
    expect(onReload).toHaveBeenCalledOnce()
    expect(resolver.asked).toHaveLength(2)
  })

  it('is looked for on a timer only while somebody listens', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    let now = 0
    const file = await fileWith('one')
    const resolver = new CountingResolver({ watchedFiles: [file], clock: () => now })
    expect(vi.getTimerCount()).toBe(0)
    const onReload = vi.fn()
    resolver.on('reload', onReload)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime((now = 2_000))
    await rm(file)
    vi.advanceTimersByTime((now = 4_000))
    expect(onReload).toHaveBeenCalledOnce()
    resolver.off('reload', onReload)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('prefetch', () => {
  it('has the answer there before it is wanted', async () => {
    const resolver = new CountingResolver()
    resolver.prefetch('a.test')
    resolver.prefetch('a.test')
    await resolver.lookupByName('a.test')
    await resolver.lookupByName('a.test')
    expect(resolver.asked).toEqual(['a.test'])
  })

  it('looks up eight names at a time and drops hints beyond 64', async () => {
    const resolver = new CountingResolver()
    const gate = Promise.withResolvers<ResolverAnswer<InetAddress>>()
    resolver.answer = () => gate.promise
    for (let i = 0; i < 100; i++) resolver.prefetch(`h${i}.test`)
    expect(resolver.asked).toHaveLength(8)
    gate.resolve({ values: [], ttl: 0 })
    await vi.waitFor(() => expect(resolver.asked).toHaveLength(72))
  })

  it('says nothing when it fails', async () => {
    const resolver = new CountingResolver()
    resolver.answer = async () => Promise.reject(new Error('no network'))
    resolver.prefetch('a.test')
    resolver.prefetch('')
    await expect(resolver.lookupByName('b.test')).rejects.toMatchObject({ code: 'INTERNAL' })
  })
})

describe('Names that are asked for', () => {
  it.each(['a..test', '.test', `${'a'.repeat(64)}.test`, 'hidden.onion', 'sub.hidden.ONION.'])(
    'are never like %j',
    async (hostname) => {
      const resolver = new CountingResolver()
      await expect(resolver.lookupByName(hostname)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(resolver.lookupRecords(hostname, ResolverRecordType.HTTPS)).rejects.toMatchObject({
        domain: 'g-resolver-error-quark',
        code: 'NOT_FOUND',
      })
      expect(resolver.asked).toEqual([])
    },
  )
})
