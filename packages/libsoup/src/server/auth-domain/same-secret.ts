// Comparison of secrets that takes as long whatever they differ in. Called by the auth domains.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const key = randomBytes(32)

/** Whether two texts are the same; neither their length nor where they differ shows in the time it takes. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other))
}

function digestOf(text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
