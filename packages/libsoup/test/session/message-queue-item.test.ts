import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { MessageQueueItem, NEXT_STATES } from '../../src/session/message-queue-item.ts'
import type { MessageQueueItemState } from '../../src/session/message-queue-item.ts'
import { Message } from '../../src/message/message.ts'
import { MessagePriorityQueue } from '../../src/session/message-priority-queue.ts'
import type { WaitingPlace } from '../../src/session/message-priority-queue.ts'
import { shouldRetry } from '../../src/session/retry.ts'
import type { RetryFacts } from '../../src/session/retry.ts'

const STATES = Object.keys(NEXT_STATES) as MessageQueueItemState[]

/** The shortest way from 'starting' to each state. */
const WAYS: Readonly<Record<MessageQueueItemState, readonly MessageQueueItemState[]>> = {
  starting: [],
  answering: ['answering'],
  delivering: ['delivering'],
  connecting: ['connecting'],
  ready: ['ready'],
  running: ['ready', 'running'],
  restarting: ['ready', 'running', 'restarting'],
  finishing: ['finishing'],
  finished: ['finishing', 'finished'],
}

describe('the states of a message', () => {
  test.each(STATES)('%s can only be left as the table says', (state) => {
    for (const next of STATES) {
      const sink = { kind: 'bytes', resolve: () => undefined, reject: () => undefined } as const
      const item = new MessageQueueItem(undefined as never, new Message('GET', 'http://a/'), sink, undefined)
      for (const step of WAYS[state]) item.moveTo(step)
      expect(item.state).toBe(state)
      if (NEXT_STATES[state].includes(next)) item.moveTo(next)
      else expect(() => item.moveTo(next)).toThrow('Illegal move')
    }
  })
})

describe('a retry', () => {
  const base: RetryFacts = {
    method: 'GET',
    declaredIdempotent: false,
    requestWritten: true,
    responseStarted: false,
    connectionReused: true,
    bodyRestartable: true,
    connectionLost: true,
    retriesSoFar: 0,
  }
  test.each<{ why: string; facts: Partial<RetryFacts>; retried: boolean }>([
    { why: 'a GET on a reused connection that was lost', facts: {}, retried: true },
    { why: 'a POST', facts: { method: 'POST' }, retried: false },
    { why: 'a POST declared idempotent', facts: { method: 'POST', declaredIdempotent: true }, retried: true },
    { why: 'a POST of which nothing was written', facts: { method: 'POST', requestWritten: false }, retried: true },
    { why: 'a body that is used up', facts: { bodyRestartable: false }, retried: false },
    { why: 'a timeout', facts: { connectionLost: false }, retried: false },
    { why: 'a response that has begun', facts: { responseStarted: true }, retried: false },
    { why: 'a new connection', facts: { connectionReused: false }, retried: false },
    { why: 'a second time', facts: { retriesSoFar: 1 }, retried: false },
  ])('for $why: $retried', ({ facts, retried }) => {
    expect(shouldRetry({ ...base, ...facts })).toBe(retried)
  })
})

describe('the queue of waiting messages', () => {
  interface Item {
    name: string
    waitingPlace: WaitingPlace<Item> | null
  }
  const item = (name: string): Item => ({ name, waitingPlace: null })
  const any = (): boolean => true

  test('serves by priority, then in order, and skips those removed', () => {
    const queue = new MessagePriorityQueue<Item>()
    const removed = item('removed')
    queue.add(item('low'), 1)
    queue.add(removed, 4)
    queue.add(item('high-1'), 3)
    queue.add(item('high-2'), 3)
    expect(queue.remove(removed)).toBe(true)
    expect(queue.remove(removed)).toBe(false)
    expect(queue.take(({ name }) => name !== 'high-1')?.name).toBe('high-2')
    expect(queue.size).toBe(2)
    expect(queue.take(any)?.name).toBe('high-1')
    expect(queue.take(any)?.name).toBe('low')
    expect(queue.take(any)).toBe(null)
  })

  test('stays in order over many items', () => {
    const queue = new MessagePriorityQueue<Item>()
    for (let i = 0; i < 5000; i++) queue.add(item(String(i)), 2)
    for (let i = 0; i < 5000; i++) expect(queue.take(any)?.name).toBe(String(i))
    expect(queue.size).toBe(0)
  })

  test('keeps its order and no places of those removed behind one that waits', async () => {
    const queue = new MessagePriorityQueue<Item>()
    const places: WeakRef<object>[] = []
    queue.add(item('first'), 2)
    for (let i = 0; i < 10_000; i++) {
      const gone = item('gone')
      queue.add(gone, 2)
      if (i % 1000 === 0) queue.add(item(String(i)), 2)
      if (i < 100) places.push(new WeakRef(gone.waitingPlace as object))
      queue.remove(gone)
    }
    await setImmediate() // a WeakRef holds what it was made of until then
    setFlagsFromString('--expose-gc')
    ;(runInNewContext('gc') as () => void)()
    expect(places.filter((place) => place.deref() !== undefined)).toEqual([])
    const names: string[] = []
    for (let next = queue.take(any); next !== null; next = queue.take(any)) names.push(next.name)
    expect(names).toEqual(['first', ...Array.from({ length: 10 }, (_, i) => String(i * 1000))])
  })
})
