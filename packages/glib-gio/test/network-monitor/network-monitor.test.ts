import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { NetworkAddress, NetworkConnectivity, NetworkMonitor, UnixSocketAddress } from '@wpe-networking/glib-gio'
import { parseIPv4Routes, parseIPv6Routes } from '../../src/network-monitor/routes.ts'
import { hasNamespaces, runInNamespace } from '../namespace/in-namespace.ts'

const monitor = NetworkMonitor.getDefault()

describe('NetworkMonitor', () => {
  it('is one for the process, and agrees with itself', () => {
    expect(NetworkMonitor.getDefault()).toBe(monitor)
    const { FULL, LOCAL } = NetworkConnectivity
    expect(monitor.connectivity).toBe(monitor.networkAvailable ? FULL : LOCAL)
    expect(monitor.networkMetered).toBe(false)
  })

  it('can always reach this machine', async () => {
    expect(await monitor.canReach(new NetworkAddress('127.0.0.1', 80))).toBe(true)
    expect(await monitor.canReach(new NetworkAddress('127.200.3.4', 80))).toBe(true)
    expect(await monitor.canReach(new UnixSocketAddress('/run/socket'))).toBe(true)
  })

  it('looks only while somebody listens, with a timer that keeps nobody alive', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const own = new NetworkMonitor()
      const listener = (): void => undefined
      own.on('network-changed', listener).once('network-changed', listener)
      expect(vi.getTimerCount()).toBe(1)
      vi.advanceTimersByTime(10_000) // nothing has changed
      own.off('network-changed', listener)
      expect(vi.getTimerCount()).toBe(1)
      own.off('network-changed', listener)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('lets a process end that listens', async () => {
    const hooks = fileURLToPath(new URL('../namespace/use-sources.ts', import.meta.url))
    const program = `
      import { NetworkMonitor } from '@wpe-networking/glib-gio'
      NetworkMonitor.getDefault().on('network-changed', () => undefined)
      console.log('listening')`
    const args = ['--import', hooks, '--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 10_000 })
    expect(stdout.trim()).toBe('listening')
  })

  it('stops when cancelled', async () => {
    const signal = AbortSignal.abort()
    await expect(monitor.canReach(new NetworkAddress('nowhere.invalid', 1), { signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  it.skipIf(!hasNamespaces)('tells of networks and default routes that come and go', async () => {
    const steps = await runInNamespace(new URL('script-network-changes.ts', import.meta.url))
    const none = { networkAvailable: false, isFull: false }
    const full = { networkAvailable: true, isFull: true }
    expect(steps).toEqual([
      { step: 'at first', told: null, ...none, far: [false, false], near: false },
      { step: 'a network', told: false, ...none, far: [false, false], near: true },
      { step: 'a default route', told: true, ...full, far: [true, false], near: true },
      { step: 'none any more', told: false, ...none, far: [false, false], near: true },
      { step: 'one of IPv6', told: true, ...full, far: [false, true], near: true },
      { step: 'nothing', told: false, ...none, far: [false, false], near: false },
    ])
  })
})

it.skipIf(!hasNamespaces)('goes by the interfaces where /proc cannot be read', async () => {
  const root = fileURLToPath(new URL('../../../..', import.meta.url))
  const permissions = ['--permission', `--allow-fs-read=${root}*`, '--allow-child-process']
  const steps = await runInNamespace(new URL('script-without-proc.ts', import.meta.url), permissions)
  expect(steps).toEqual([
    [false, false],
    [true, true],
  ])
})

describe('the routing tables of Linux', () => {
  it('of IPv4: networks that are up, and no rejected ones', () => {
    const table = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT  ',
      'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0   ',
      'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0   ',
      'eth0\t0000010A\t00000000\t0000\t0\t0\t0\t0000FFFF\t0\t0\t0   ',
      '*\t0000020A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0   ',
      'cut off\t0000',
      '',
    ]
    expect(parseIPv4Routes(table.join('\n'))).toEqual(['0.0.0.0/0', '192.0.2.0/24'])
    expect(parseIPv4Routes('')).toEqual([])
  })

  it('of IPv6: neither link-local, multicast, local nor rejected ones', () => {
    const any = '0'.repeat(32)
    const line = (destination: string, prefix: string, flags: string): string =>
      `${destination} ${prefix} ${any} 00 ${any} 00000400 00000003 00000000 ${flags}     eth0`
    const table = [
      line(any, '00', '00000003'),
      line(any, '00', '00200200'),
      line('20010db8000000000000000000000000', '20', '00000001'),
      line('fe800000000000000000000000000000', '40', '00000001'),
      line('ff000000000000000000000000000000', '08', '00000001'),
      line('20010db8000000000000000000000002', '80', '80200001'),
      'garbage',
    ]
    expect(parseIPv6Routes(table.join('\n'))).toEqual([
      '0000:0000:0000:0000:0000:0000:0000:0000/0',
      '2001:0db8:0000:0000:0000:0000:0000:0000/32',
    ])
  })
})
