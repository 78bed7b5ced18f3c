import { describe, expect, it } from 'vitest'
import { Slots } from '../../src/resolver/slots.ts'

const forever = new AbortController().signal
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('Slots', () => {
  it('run so many tasks at a time, in the order in which they came', async () => {
    const slots = new Slots(2)
    const started: number[] = []
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
    const running = gates.map((gate, index) =>
      slots.run(async () => {
        started.push(index)
        await gate.promise
        return index
      }, forever),
    )
    await turns()
    expect(started).toEqual([0, 1])
    gates[1]?.resolve()
    await running[1]
    await turns()
    expect(started).toEqual([0, 1, 2])
    for (const gate of gates) gate.resolve()
    expect(await Promise.all(running)).toEqual([0, 1, 2, 3])
  })

  it('are free again after a failure', async () => {
    const slots = new Slots(1)
    await expect(slots.run(() => Promise.reject(new Error('no')), forever)).rejects.toThrow('no')
    expect(await slots.run(async () => 'yes', forever)).toBe('yes')
  })

  it('do not keep who has left', async () => {
    const slots = new Slots(1)
    const gate = Promise.withResolvers<void>()
    const first = slots.run(() => gate.promise, forever)
    const abort = new AbortController()
    const second = slots.run(async () => 'second', abort.signal)
    const third = slots.run(async () => 'third', forever)
    abort.abort()
    await expect(second).rejects.toMatchObject({ domain: 'g-io-error-quark', code: 'CANCELLED' })
    gate.resolve()
    await first
    expect(await third).toBe('third')
    await expect(slots.run(async () => 'late', abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await slots.run(async () => 'after', forever)).toBe('after')
  })
})
