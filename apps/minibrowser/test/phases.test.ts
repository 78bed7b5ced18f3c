import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { phasesOf, totalsByPhase } from '../src/output/phases.ts'
import { resource, timing } from './load-report-fixture.ts'

const names = (stamps: Parameters<typeof timing>[0]): string[] => phasesOf(timing(stamps)).map(({ name }) => name)

describe('phasesOf', () => {
  it('names every step of a load over a new TLS connection, in order', () => {
    expect(phasesOf(resource().timing).map(({ name, start, end }) => [name, end - start])).toEqual([
      ['queueing', 1],
      ['IPC', 2],
      ['queueing', 1],
      ['DNS', 10],
      ['TCP', 10],
      ['TLS', 20],
      ['queueing', 1],
      ['waiting', 30],
      ['receiving', 20],
      ['IPC', 1],
    ])
  })

  it('has no connection phases on a connection that was there already', () => {
    const stamps = {
      sent: 1,
      receivedByNetworkProcess: 2,
      fetchStart: 2,
      requestStart: 5,
      responseStart: 9,
      responseEnd: 9,
    }
    expect(names({ ...stamps, finished: 9 })).toEqual(['queueing', 'IPC', 'queueing', 'waiting'])
  })

  it('shows redirects as one stretch before the last hop', () => {
    const stamps = { sent: 1, receivedByNetworkProcess: 2, redirectStart: 2, fetchStart: 20, requestStart: 20 }
    expect(names({ ...stamps, responseStart: 30, responseEnd: 31, finished: 31 })).toContain('redirects')
  })

  it('shows what happened in a process that was left as redirects too', () => {
    const stamps = { redirectStart: 0, sent: 50, receivedByNetworkProcess: 52, fetchStart: 52, requestStart: 53 }
    expect(phasesOf(timing({ ...stamps, responseStart: 60, responseEnd: 61, finished: 61 }))[0]).toEqual({
      ...{ name: 'redirects', start: 0, end: 50 },
    })
  })

  it('puts the end of a load that never got a connection into the step that failed', () => {
    const begun = { queued: 0, sent: 1, receivedByNetworkProcess: 2, fetchStart: 2, domainLookupStart: 2, finished: 40 }
    expect(names(begun).at(-1)).toBe('DNS')
    const resolved = { ...begun, domainLookupEnd: 3, connectStart: 3 }
    expect(names(resolved).slice(-2)).toEqual(['DNS', 'TCP'])
    expect(names({ ...resolved, secureConnectionStart: 4 }).slice(-2)).toEqual(['TCP', 'TLS'])
  })

  it('is without gaps and never runs backwards, whatever stamps a process claims', () => {
    const stamp = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }))
    const stamps = fc.record({
      ...{ queued: fc.double({ min: 0, max: 1e6, noNaN: true }), sent: stamp, receivedByNetworkProcess: stamp },
      ...{ redirectStart: stamp, fetchStart: stamp, domainLookupStart: stamp, domainLookupEnd: stamp },
      ...{ connectStart: stamp, secureConnectionStart: stamp, connectEnd: stamp, requestStart: stamp },
      ...{ responseStart: stamp, responseEnd: stamp, finished: fc.double({ min: 0, max: 1e6, noNaN: true }) },
    })
    fc.assert(
      fc.property(stamps, (each) => {
        let at = each.queued
        for (const { start, end } of phasesOf(each)) {
          expect(start).toBe(at)
          expect(end).toBeGreaterThan(start)
          at = end
        }
      }),
    )
  })

  it('adds up over loads', () => {
    expect(totalsByPhase([resource().timing, resource().timing]).get('DNS')).toBe(20)
  })
})
