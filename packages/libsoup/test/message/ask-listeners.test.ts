import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { askListeners } from '../../src/message/ask-listeners.ts'

type Listener = (...args: unknown[]) => unknown

/** One whose listeners answer to 'question'. */
class Asked extends EventEmitter<{ question: unknown[] }> {
  constructor(...listeners: Listener[]) {
    super()
    for (const listener of listeners) this.on('question', listener)
  }
}

const emitterWith = (...listeners: Listener[]): Asked => new Asked(...listeners)
const never = (): never => {
  throw new Error('must not be asked')
}

test('without listeners the answer is no', () => {
  expect(askListeners(emitterWith(), 'question')).toBe(false)
})

test('the first yes is the answer', () => {
  const emitter = emitterWith(
    () => undefined,
    (a, b) => a === 1 && b === 2,
    never,
  )
  expect(askListeners(emitter, 'question', 1, 2)).toBe(true)
})

test('a promise is waited for, and the next listener asked after its no', async () => {
  const no = emitterWith(
    () => Promise.resolve(),
    () => true,
  )
  await expect(askListeners(no, 'question')).resolves.toBe(true)
  await expect(
    askListeners(
      emitterWith(() => Promise.resolve(true), never),
      'question',
    ),
  ).resolves.toBe(true)
  await expect(
    askListeners(
      emitterWith(() => Promise.resolve(false)),
      'question',
    ),
  ).resolves.toBe(false)
})

test('a listener for one time is asked once', () => {
  const asked = new Asked()
  asked.once('question', () => true)
  expect(askListeners(asked, 'question')).toBe(true)
  expect(askListeners(asked, 'question')).toBe(false)
})

test('what a listener throws is passed on', () => {
  expect(() => askListeners(emitterWith(never), 'question')).toThrow('must not be asked')
})
