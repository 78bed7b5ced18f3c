import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { askListeners } from '../../src/message/ask-listeners.ts'

const emitterWith = (...listeners: ((...args: never[]) => unknown)[]): EventEmitter<never> => {
  const emitter = new EventEmitter()
  for (const listener of listeners) emitter.on('question', listener)
  return emitter as unknown as EventEmitter<never>
}
const never = (): never => {
  throw new Error('must not be asked')
}

test('without listeners the answer is no', () => {
  expect(askListeners(emitterWith(), 'question')).toBe(false)
})

test('the first yes is the answer', () => {
  const emitter = emitterWith(
    () => undefined,
    (a: number, b: number) => a + b === 3,
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
  const emitter = new EventEmitter()
  emitter.once('question', () => true)
  const asked = emitter as EventEmitter<never>
  expect(askListeners(asked, 'question')).toBe(true)
  expect(askListeners(asked, 'question')).toBe(false)
})

test('what a listener throws is passed on', () => {
  expect(() => askListeners(emitterWith(never), 'question')).toThrow('must not be asked')
})
