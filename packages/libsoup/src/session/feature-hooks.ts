// The hooks of features that may take their time, each asked of one feature after the other. All answer at once unless a
// feature gives a promise, so that a message no feature holds up costs none. Called by SessionQueue.

import type { Readable } from 'node:stream'
import type { Message } from '../message/message.ts'
import type { FeatureList, FeatureWith } from './feature-list.ts'
import type { ResponseVerdict, StoredResponse } from './session-feature.ts'

/** The first answer a feature has for `message`, or null. */
export function askForAnswer(
  features: readonly FeatureWith<'answer'>[],
  message: Message,
  start = 0,
): StoredResponse | null | Promise<StoredResponse | null> {
  for (let i = start; i < features.length; i++) {
    const feature = features[i] as FeatureWith<'answer'>
    if (message.isFeatureDisabled(feature)) continue
    const answer = feature.answer(message)
    if (answer instanceof Promise) return answer.then((later) => later ?? askForAnswer(features, message, i + 1))
    if (answer !== null) return answer
  }
  return null
}

/** The first answer a feature has for `message` in spite of its `error`, or null. */
export function askInSpite(
  features: readonly FeatureWith<'requestFailed'>[],
  message: Message,
  error: Error,
  start = 0,
): StoredResponse | null | Promise<StoredResponse | null> {
  for (let i = start; i < features.length; i++) {
    const feature = features[i] as FeatureWith<'requestFailed'>
    if (message.isFeatureDisabled(feature)) continue
    const answer = feature.requestFailed(message, error)
    if (answer instanceof Promise) return answer.then((later) => later ?? askInSpite(features, message, error, i + 1))
    if (answer !== null) return answer
  }
  return null
}

/** Lets every feature change the request. */
export function prepareRequest(
  features: readonly FeatureWith<'requestStarting'>[],
  message: Message,
  start = 0,
): void | Promise<void> {
  for (let i = start; i < features.length; i++) {
    const feature = features[i] as FeatureWith<'requestStarting'>
    if (message.isFeatureDisabled(feature)) continue
    const pending = feature.requestStarting(message)
    if (pending instanceof Promise) return pending.then(() => prepareRequest(features, message, i + 1))
  }
}

/** The first verdict that is other than 'deliver'. */
export function reviewResponse(
  features: readonly FeatureWith<'reviewResponse'>[],
  message: Message,
  start = 0,
): ResponseVerdict | Promise<ResponseVerdict> {
  for (let i = start; i < features.length; i++) {
    const feature = features[i] as FeatureWith<'reviewResponse'>
    if (message.isFeatureDisabled(feature)) continue
    const verdict = feature.reviewResponse(message)
    if (verdict instanceof Promise) {
      return verdict.then((later) => (later === 'deliver' ? reviewResponse(features, message, i + 1) : later))
    }
    if (verdict !== 'deliver') return verdict
  }
  return 'deliver'
}

/** `body` with every feature around it that wants it; `fromWire` says whether 'entity-body' has its say. */
export function wrapInput(
  features: FeatureList['wrapInput'],
  message: Message,
  body: Readable,
  fromWire: boolean,
  start = 0,
): Readable | Promise<Readable> {
  let stream = body
  for (let i = start; i < features.length; i++) {
    const feature = features[i] as FeatureWith<'wrapInput'>
    if ((!fromWire && feature.processingStage === 'entity-body') || message.isFeatureDisabled(feature)) continue
    const wrapped = feature.wrapInput(message, stream)
    if (wrapped instanceof Promise) {
      stream.on('error', ignore) // told by the promise, or to whoever reads what comes of it
      return wrapped.then((ready) => wrapInput(features, message, ready, fromWire, i + 1))
    }
    stream = wrapped ?? stream
  }
  return stream
}

function ignore(): void {
  // A stream that fails while nobody listens must not end the process.
}
