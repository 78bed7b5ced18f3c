import { getEventListeners } from 'node:events'
import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { withRawServer } from '@wpe-networking/test-support'
import { Cancellable, InetSocketAddress, ioErrorFromErrno, SocketClient } from '@wpe-networking/glib-gio'

describe('Cancellable', () => {
  it('is cancelled once, tells everybody and keeps the reason', () => {
    const cancellable = new Cancellable()
    const told: string[] = []
    cancellable.on('cancelled', () => told.push('signal'))
    cancellable.connect(() => told.push('connected'))
    cancellable.connect(() => told.push('disconnected'))()
    expect(cancellable.isCancelled).toBe(false)
    cancellable.throwIfCancelled()
    cancellable.cancel('why')
    cancellable.cancel('again')
    expect(told).toEqual(['signal', 'connected'])
    expect(cancellable.isCancelled).toBe(true)
    expect(cancellable.signal.reason).toBe('why')
    expect(() => cancellable.throwIfCancelled()).toThrow(expect.objectContaining({ code: 'CANCELLED', cause: 'why' }))
    cancellable.connect(() => told.push('late'))()
    expect(told.at(-1)).toBe('late')
  })

  it('stands wherever a signal is taken', async () => {
    await withRawServer(
      () => undefined,
      async ({ port }) => {
        const cancellable = new Cancellable()
        const address = InetSocketAddress.fromString('127.0.0.1', port)!
        await (await new SocketClient().connect(address, cancellable)).close()
        cancellable.cancel()
        await expect(new SocketClient().connect(address, cancellable)).rejects.toMatchObject({ code: 'CANCELLED' })
      },
    )
  })

  it('leaves nothing on the signal it follows', () => {
    const { signal } = new AbortController()
    const cancellable = Cancellable.fromSignal(signal)
    const onSignal = (): number => getEventListeners(cancellable.signal, 'abort').length
    expect(onSignal()).toBe(0)
    const disconnect = cancellable.connect(() => undefined)
    expect(onSignal()).toBe(1)
    disconnect()
    expect([onSignal(), getEventListeners(signal, 'abort').length]).toEqual([0, 0])
  })

  it('follows a signal, but not the other way round', () => {
    const abort = new AbortController()
    const first = Cancellable.fromSignal(abort.signal)
    const second = Cancellable.fromSignal(abort.signal)
    let told = 0
    second.on('cancelled', () => told++)
    first.cancel('own')
    expect([first.isCancelled, first.signal.reason, second.isCancelled, abort.signal.aborted]).toEqual([
      true,
      'own',
      false,
      false,
    ])
    abort.abort('from above')
    expect([second.isCancelled, second.signal.aborted, second.signal.reason, told]).toEqual([
      true,
      true,
      'from above',
      1,
    ])
    const late = Cancellable.fromSignal(abort.signal)
    expect([late.isCancelled, late.signal.reason]).toEqual([true, 'from above'])
  })
})

describe('ioErrorFromErrno', () => {
  const { ECONNREFUSED, EAGAIN, ENOTCONN, EINPROGRESS, ELOOP, ENOTEMPTY } = constants.errno
  it.each([
    [ECONNREFUSED, 'CONNECTION_REFUSED'],
    [-ECONNREFUSED, 'CONNECTION_REFUSED'],
    [EAGAIN, 'WOULD_BLOCK'],
    [ENOTCONN, 'NOT_CONNECTED'],
    [EINPROGRESS, 'PENDING'],
    [ELOOP, 'TOO_MANY_LINKS'],
    [ENOTEMPTY, 'NOT_EMPTY'],
    [0, 'FAILED'],
    [9999, 'FAILED'],
    [NaN, 'FAILED'],
    [1.5, 'FAILED'],
    [2 ** 40, 'FAILED'],
  ])('%s is %s', (errno, code) => {
    expect(ioErrorFromErrno(errno)).toBe(code)
  })
})
