// What a cache hit costs with 100 entries and with 100,000, in memory and on disk. Design: at most 2 times. Both caches are
// asked in turn, so that a noisy moment of the machine hits both alike; the median of the rounds counts. Also what a
// message costs that is not in the cache. Run: node bench/libsoup/cache.ts

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { Cache, Message, Session } from '@wpe-networking/libsoup'

/** Entries that are asked for in turn, spread over all of them. */
const ASKED = 100
const ROUNDS = 31
const HITS = { memory: 5000, disk: 500 }
const BODY = Buffer.alloc(1024, 'x')
/** Requests at once while the caches are filled. */
const FILLERS = 16

type Kind = keyof typeof HITS

interface Subject {
  readonly cache: Cache
  readonly present: readonly Message[]
  readonly absent: readonly Message[]
  readonly hits: number[]
  readonly misses: number[]
}

const uriOf = (origin: string, number: number): string => `${origin}/assets/${number}?version=1`

async function subject(origin: string, cacheDir: string | null, entries: number): Promise<Subject> {
  const cache = new Cache({ cacheDir, maxSize: 2 ** 31 })
  using session = new Session({ maxConns: FILLERS, maxConnsPerHost: FILLERS })
  session.addFeature(cache)
  let next = 0
  const fill = async (): Promise<void> => {
    while (next < entries) await session.sendAndRead(new Message('GET', uriOf(origin, next++)))
  }
  await Promise.all(Array.from({ length: FILLERS }, fill))
  await cache.flush()
  const messages = (path: (i: number) => number): Message[] => {
    return Array.from({ length: ASKED }, (_, i) => new Message('GET', uriOf(origin, path(i))))
  }
  const present = messages((i) => Math.floor((i * entries) / ASKED))
  return { cache, present, absent: messages((i) => entries + i), hits: [], misses: [] }
}

/** Microseconds for an answer whose body is read to its end. */
async function measureHits({ cache, present }: Subject, hits: number): Promise<number> {
  const start = process.hrtime.bigint()
  for (let i = 0; i < hits; i++) {
    const message = present[i % ASKED] as Message
    const answer = await cache.answer(message)
    if (answer === null) throw new Error('An entry that was stored is not there.')
    const body = await buffer(answer.body)
    if (body.length !== BODY.length) throw new Error('The body of an entry is not what was stored.')
    cache.requestUnqueued(message)
  }
  return Number(process.hrtime.bigint() - start) / hits / 1000
}

/** Microseconds for what a session does for a message that is not in the cache. */
function measureMisses({ cache, absent }: Subject, misses: number): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < misses; i++) {
    const message = absent[i % ASKED] as Message
    if (cache.answer(message) !== null) throw new Error('An entry that was not stored is there.')
    cache.requestStarting(message)
    cache.requestUnqueued(message)
  }
  return Number(process.hrtime.bigint() - start) / misses / 1000
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] as number
}

/** Prints a line for each size, and returns the ratio of the last to the first. */
export async function benchCache(kind: Kind, sizes: readonly number[], rounds = ROUNDS): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-bench-'))
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=3600', 'Content-Type': 'text/plain', ETag: '"a"' }).end(BODY)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const subjects: (Subject & { entries: number })[] = []
  try {
    for (const entries of sizes) {
      const cacheDir = kind === 'disk' ? join(directory, String(entries)) : null
      subjects.push({ entries, ...(await subject(origin, cacheDir, entries)) })
    }
    for (let round = 0; round <= rounds; round++) {
      for (const one of subjects) {
        const [hit, miss] = [await measureHits(one, HITS[kind]), measureMisses(one, HITS[kind])]
        if (round === 0) continue // warms up
        one.hits.push(hit)
        one.misses.push(miss)
      }
    }
    return report(kind, subjects)
  } finally {
    for (const { cache } of subjects) await cache.close()
    server.close()
    await rm(directory, { recursive: true })
  }
}

function report(kind: Kind, subjects: readonly (Subject & { entries: number })[]): number {
  const base = median(subjects[0]?.hits ?? [])
  let ratio = 0
  for (const { entries, hits, misses } of subjects) {
    ratio = median(hits) / base
    const hit = `${median(hits).toFixed(1).padStart(6)} µs a hit, ${ratio.toFixed(2)} times the first`
    console.log(
      `${kind.padEnd(6)} ${String(entries).padStart(7)} entries: ${hit}; ${median(misses).toFixed(2)} µs a miss`,
    )
  }
  return ratio
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const kind of ['memory', 'disk'] as const) {
    const ratio = await benchCache(kind, [100, 100_000])
    console.log(`${ratio <= 2 ? 'ok  ' : 'MISS'} ${kind}: ${ratio.toFixed(2)}, at most 2 wanted`)
  }
}
