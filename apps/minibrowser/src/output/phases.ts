// Splits the timing of one resource into the consecutive phases a waterfall draws. Used by the terminal and the HTML
// waterfall and by HAR. The order is that of Resource Timing (W3C, section "Processing model"), with the two steps in
// front that only a browser with a network process has: queueing and IPC.

import type { ResourceTiming } from '../load-report.ts'

export const PHASE_NAMES = ['queueing', 'IPC', 'redirects', 'DNS', 'TCP', 'TLS', 'waiting', 'receiving'] as const

export type PhaseName = (typeof PHASE_NAMES)[number]

/** A stretch of time, in milliseconds from the start of the page load; `end > start`. */
export interface Phase {
  readonly name: PhaseName
  readonly start: number
  readonly end: number
}

/**
 * The phases of one load in order of time, without gaps before the response's end; phases that did not happen or took
 * no time are left out. Stamps from different processes that disagree are clamped so that time never runs backwards.
 */
export function phasesOf(timing: ResourceTiming): Phase[] {
  const phases: Phase[] = []
  let now = timing.queued
  const upTo = (name: PhaseName, stamp: number | null): void => {
    if (stamp === null) return
    const end = Math.min(Math.max(stamp, now), Math.max(timing.finished, now))
    if (end > now) {
      const last = phases.at(-1)
      if (last?.name === name) phases[phases.length - 1] = { ...last, end }
      else phases.push({ name, start: now, end })
    }
    now = end
  }
  // A load that never sent its request was in the last step it began until it failed.
  const failedAfter = (begun: number | null): number | null =>
    begun !== null && timing.requestStart === null ? timing.finished : null
  if (timing.redirectStart !== null && timing.sent !== null && timing.redirectStart < timing.sent) {
    // A redirect led to another site, and another WebProcess went on with the load.
    upTo('queueing', timing.redirectStart)
    upTo('redirects', timing.sent)
  }
  upTo('queueing', timing.sent)
  upTo('IPC', timing.receivedByNetworkProcess)
  // What comes between arrival and the first step on the wire is waiting for a free connection.
  upTo('queueing', timing.redirectStart ?? timing.fetchStart)
  if (timing.redirectStart !== null) upTo('redirects', timing.fetchStart)
  upTo('queueing', timing.domainLookupStart)
  upTo('DNS', timing.domainLookupEnd ?? failedAfter(timing.domainLookupStart))
  upTo('queueing', timing.connectStart)
  upTo('TCP', timing.secureConnectionStart ?? timing.connectEnd ?? failedAfter(timing.connectStart))
  if (timing.secureConnectionStart !== null) upTo('TLS', timing.connectEnd ?? failedAfter(timing.secureConnectionStart))
  upTo('queueing', timing.requestStart)
  upTo('waiting', timing.responseStart ?? (timing.requestStart === null ? null : timing.finished))
  upTo('receiving', timing.responseEnd)
  // From the last byte in the NetworkProcess to its delivery in the WebProcess.
  upTo(timing.responseEnd === null ? 'waiting' : 'IPC', timing.finished)
  return phases
}

/** Milliseconds spent in each phase, added up over all loads; parallel loads count each for itself. */
export function totalsByPhase(timings: Iterable<ResourceTiming>): Map<PhaseName, number> {
  const totals = new Map<PhaseName, number>(PHASE_NAMES.map((name) => [name, 0]))
  for (const timing of timings) {
    for (const { name, start, end } of phasesOf(timing)) totals.set(name, (totals.get(name) ?? 0) + end - start)
  }
  return totals
}
