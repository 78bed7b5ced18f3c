// The features of one session, sorted by what they do, so that a message calls only those that have a hook for it.
// Owned by Session, walked by SessionQueue. Upstream: the feature list of libsoup/soup-session.c and the sorting of
// soup-session-feature.c (soup_message_setup_body_istream).

import type { Message } from '../message/message.ts'
import type { ProcessingStage, SessionFeature, SessionFeatureClass } from './session-feature.ts'

/** A feature that certainly has this hook. */
export type FeatureWith<Hook extends keyof SessionFeature> = SessionFeature & Required<Pick<SessionFeature, Hook>>

const STAGES: readonly ProcessingStage[] = ['entity-body', 'content-encoding', 'body-data']

export class FeatureList {
  #all: readonly SessionFeature[] = []
  requestQueued: readonly FeatureWith<'requestQueued'>[] = []
  requestRestarted: readonly FeatureWith<'requestRestarted'>[] = []
  answer: readonly FeatureWith<'answer'>[] = []
  mayUseConnection: readonly FeatureWith<'mayUseConnection'>[] = []
  requestStarting: readonly FeatureWith<'requestStarting'>[] = []
  gotInformational: readonly FeatureWith<'gotInformational'>[] = []
  gotHeaders: readonly FeatureWith<'gotHeaders'>[] = []
  reviewResponse: readonly FeatureWith<'reviewResponse'>[] = []
  requestFailed: readonly FeatureWith<'requestFailed'>[] = []
  requestUnqueued: readonly FeatureWith<'requestUnqueued'>[] = []
  /** From the wire to the reader. */
  wrapInput: readonly FeatureWith<'wrapInput'>[] = []

  /** In the order in which they were added. */
  get all(): readonly SessionFeature[] {
    return this.#all
  }

  add(feature: SessionFeature): void {
    this.#sort([...this.#all, feature])
  }

  remove(feature: SessionFeature): void {
    this.#sort(this.#all.filter((one) => one !== feature))
  }

  find<T extends SessionFeature>(featureClass: SessionFeatureClass<T>): T | null {
    return (this.#all.find((feature) => feature instanceof featureClass) as T | undefined) ?? null
  }

  /** Whether the body of `message`'s response must go through a feature; at `'entity-body'` only if it is `fromWire`. */
  wrapsInput(message: Message, fromWire: boolean): boolean {
    for (const feature of this.wrapInput) {
      if (!fromWire && feature.processingStage === 'entity-body') continue
      if (feature.wantsInput?.(message) !== false && !message.isFeatureDisabled(feature)) return true
    }
    return false
  }

  // The lists are made anew, never changed: a message may be walking along one of them.
  #sort(all: readonly SessionFeature[]): void {
    this.#all = all
    this.requestQueued = withHook(all, 'requestQueued')
    this.requestRestarted = withHook(all, 'requestRestarted')
    this.answer = withHook(all, 'answer')
    this.mayUseConnection = withHook(all, 'mayUseConnection')
    this.requestStarting = withHook(all, 'requestStarting')
    this.gotInformational = withHook(all, 'gotInformational')
    this.gotHeaders = withHook(all, 'gotHeaders')
    this.reviewResponse = withHook(all, 'reviewResponse')
    this.requestFailed = withHook(all, 'requestFailed')
    this.requestUnqueued = withHook(all, 'requestUnqueued')
    this.wrapInput = [...withHook(all, 'wrapInput')].sort((a, b) => stageOf(a) - stageOf(b))
  }
}

function withHook<Hook extends keyof SessionFeature>(
  features: readonly SessionFeature[],
  hook: Hook,
): readonly FeatureWith<Hook>[] {
  return features.filter((feature): feature is FeatureWith<Hook> => feature[hook] !== undefined)
}

function stageOf(feature: SessionFeature): number {
  return STAGES.indexOf(feature.processingStage ?? 'body-data')
}
