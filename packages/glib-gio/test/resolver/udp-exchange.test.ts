import { expect, it, vi } from 'vitest'
import { exchangeUdp } from '../../src/resolver/udp-exchange.ts'

it('closes its socket also when it is aborted before the socket is bound', async () => {
  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length
  const before = sockets()
  const stop = new AbortController()
  const reason = new Error('enough')
  const exchange = exchangeUdp(Buffer.from('x'), { address: '127.0.0.1', port: 9 }, () => null, stop.signal)
  stop.abort(reason)
  await expect(exchange).rejects.toBe(reason)
  await vi.waitFor(() => expect(sockets()).toBe(before))
})
