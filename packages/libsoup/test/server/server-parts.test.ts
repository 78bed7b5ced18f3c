import { connectedSockets } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { PathMap } from '../../src/server/path-map.ts'
import { MessageBody } from '../../src/server/message-body.ts'
import { ServerConnection } from '../../src/server/server-connection.ts'

describe('a PathMap', () => {
  test('finds the longest prefix, whatever the order of adding', () => {
    const map = new PathMap<number>()
    for (const [path, value] of [
      ['/b', 1],
      ['/', 2],
      ['/b/c/d', 3],
      ['/b/c', 4],
    ] as const)
      map.add(path, value)
    expect(['/x', '/b', '/bb', '/b/c', '/b/c/d/e', ''].map((path) => map.lookup(path))).toEqual([2, 1, 1, 4, 3, null])
  })

  test('replaces what is added twice and forgets what is removed', () => {
    const map = new PathMap<number>()
    map.add('/a', 1)
    map.add('/a', 2)
    expect(map.get('/a')).toBe(2)
    map.remove('/a')
    map.remove('/a')
    expect(map.lookup('/a')).toBeNull()
  })
})

describe('a MessageBody', () => {
  test('joins what was appended, text as UTF-8', () => {
    const body = new MessageBody(true)
    body.append('é')
    body.append(new Uint8Array([1, 2]))
    body.append('')
    expect([...body.flatten()]).toEqual([0xc3, 0xa9, 1, 2])
    expect(body.length).toBe(4)
  })

  test('gives out very many chunks in linear time, and what follows an offset among them', () => {
    const body = new MessageBody(false)
    const count = 200_000
    for (let i = 0; i < count; i++) body.append(Buffer.of(i & 0xff))
    for (let i = 0; i < count; i++) {
      if (i === count / 2) body.append(Buffer.from('end'))
      if (i % 1000 === 1) {
        expect(body.getChunk(i)).toEqual(Buffer.of(i & 0xff))
        expect(body.getChunk(i - 1)).toBeNull()
      }
      expect(body.takeChunk()?.[0] === (i & 0xff)).toBe(true)
    }
    expect(body.flatten().toString()).toBe('end')
    expect(body.isTaken).toBe(false)
    expect(body.takeChunk()?.toString()).toBe('end')
    expect(body.isTaken).toBe(true)
    expect(body.takeChunk()).toBeNull()
  })

  test('gives each chunk once, and keeps them only when it accumulates', () => {
    for (const [accumulate, kept] of [
      [true, 'ab'],
      [false, ''],
    ] as const) {
      const body = new MessageBody(accumulate)
      body.append('a')
      body.append('b')
      expect([body.takeChunk(), body.takeChunk(), body.takeChunk()].map(String)).toEqual(['a', 'b', 'null'])
      expect(body.flatten().toString()).toBe(kept)
    }
  })

  test('can be walked through by offset, as far as it is held', () => {
    const body = new MessageBody(false)
    body.append('abc')
    body.append('de')
    expect([0, 1, 3, 4, 5].map((offset) => body.getChunk(offset)?.toString())).toEqual([
      ...['abc', 'bc', 'de', 'e', undefined],
    ])
    body.wroteChunk(Buffer.from('abc'))
    expect([0, 3].map((offset) => body.getChunk(offset)?.toString())).toEqual([undefined, 'de'])
    expect(() => body.wroteChunk(Buffer.from('abc'))).toThrow(RangeError)
    body.complete()
    expect(body.getChunk(5)).toEqual(Buffer.alloc(0))
    body.accumulate = true
    body.wroteChunk(Buffer.from('de'))
    expect([body.data.toString(), body.length]).toEqual(['de', 5])
  })

  test('takes in what was received only if it accumulates', () => {
    const kept = new MessageBody()
    const passing = new MessageBody(false)
    for (const body of [kept, passing]) body.gotChunk(Buffer.from('a'))
    expect([kept.data.toString(), passing.length]).toEqual(['a', 0])
  })

  test('takes nothing after its end, until it is truncated', () => {
    const body = new MessageBody(true)
    body.append('old')
    body.complete()
    body.complete()
    expect(() => body.append('more')).toThrow('already complete')
    body.truncate()
    body.append('new')
    expect([body.flatten().toString(), body.isComplete]).toEqual(['new', false])
  })
})

describe('a ServerConnection', () => {
  test('is silent while nothing passes, and reads the rest of an answered request for half a minute', async () => {
    const { client, server } = await connectedSockets()
    const connection = new ServerConnection(1, server, null, null)
    const start = performance.now()
    expect([0, 10, 20].map((ms) => connection.silentFor(start + ms))).toEqual([0, 10, 20])
    server.write('something')
    expect([30, 40].map((ms) => connection.silentFor(start + ms))).toEqual([0, 10])
    connection.linger()
    expect(connection.silentFor(start + 30_000)).toBeLessThan(30_000)
    expect(connection.silentFor(performance.now() + 30_001)).toBe(Infinity)
    connection.whenOthersEnded(() => {})
    expect(connection.silentFor(performance.now() + 30_002)).toBeLessThan(Infinity)
    await connection.close()
    client.destroy()
  })
})
