// Entries for the tests of the stores, whose bodies tell what they should be.

import { buffer } from 'node:stream/consumers'
import type { CacheStore, StoredEntry } from '../../src/cache/cache-store.ts'
import { StoredHead } from '../../src/cache/stored-head.ts'
import type { VaryingField } from '../../src/cache/stored-head.ts'

export const keyOf = (number: number): string => `-\nhttp://example.org:80/${number}`

export function newHead(key: string, varying: VaryingField[] = [], fields: string[] = ['ETag', '"a"']): StoredHead {
  return new StoredHead({ key, varying, statusCode: 200, reasonPhrase: 'OK', fields, requestTime: 1, responseTime: 2 })
}

/** Short for even numbers, in a file of its own for odd ones. The first byte is the version. */
export function bodyOf(number: number, version: number): Buffer {
  const length = number % 2 === 0 ? 100 + number : 70_000 + number
  const body = Buffer.alloc(length, (number * 31 + version * 7) % 251)
  body[0] = version
  return body
}

export function store(into: CacheStore, head: StoredHead, body: Buffer): boolean {
  const writer = into.createWriter(head, null)
  for (let at = 0; at < body.length; at += 16_384) writer?.write(body.subarray(at, at + 16_384))
  writer?.commit()
  return writer !== null
}

/** Null when it is not there. */
export async function readBody(from: CacheStore, entry: StoredEntry): Promise<Buffer | null> {
  const stream = await from.openBody(entry, null)
  return stream === null ? null : await buffer(stream)
}

/** The bodies stored under a key. */
export async function bodiesOf(from: CacheStore, key: string): Promise<(Buffer | null)[]> {
  const bodies: (Buffer | null)[] = []
  for (const entry of (await from.find(key)) ?? []) bodies.push(await readBody(from, entry))
  return bodies
}
