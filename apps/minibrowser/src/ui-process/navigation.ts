// One navigation of a page, from loadURI to its end, across all WebProcesses it passes through. Owned by WebPageProxy.
// Upstream: WebKit/UIProcess/API/APINavigation.cpp and ProvisionalPageProxy.cpp.

import type { ResourceRequestData } from '@wpe-networking/webkit-network-process/connection'
import type { RedirectReport } from '../load-report.ts'
import type { WebPageSettings } from '../web-process/web-page.messages.ts'

/**
 * - requested: no WebProcess has begun yet
 * - provisional: waiting for the response
 * - committed: the document is coming in
 * - finished, failed: over
 */
export type NavigationState = 'requested' | 'provisional' | 'committed' | 'finished' | 'failed'

// A WebProcess reports these steps and is not to be trusted with their order.
const NEXT: Record<NavigationState, readonly NavigationState[]> = {
  requested: ['provisional', 'failed'],
  provisional: ['requested', 'committed', 'failed'], // back to requested when another process takes over
  committed: ['finished', 'failed'],
  finished: [],
  failed: [],
}

export class Navigation {
  readonly navigationID: number
  readonly uri: string
  /** In ms since the epoch. */
  readonly startedAt: number
  readonly settings: WebPageSettings
  readonly redirects: RedirectReport[] = []
  request: ResourceRequestData
  #state: NavigationState = 'requested'

  constructor(navigationID: number, request: ResourceRequestData, settings: WebPageSettings, startedAt: number) {
    this.navigationID = navigationID
    this.uri = request.url
    this.request = request
    this.settings = settings
    this.startedAt = startedAt
  }

  get state(): NavigationState {
    return this.#state
  }

  get isOver(): boolean {
    return NEXT[this.#state].length === 0
  }

  /** Whether `state` may come next. */
  canMoveTo(state: NavigationState): boolean {
    return NEXT[this.#state].includes(state)
  }

  /** @throws {Error} for a step that is not in the table; check what a WebProcess claims with {@link canMoveTo} first. */
  moveTo(state: NavigationState): void {
    if (!this.canMoveTo(state)) throw new Error(`A navigation cannot go from ${this.#state} to ${state}.`)
    this.#state = state
  }
}
