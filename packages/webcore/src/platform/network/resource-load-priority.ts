// How urgent a load is to the page; the NetworkProcess turns it into a libsoup message priority.
// Upstream: WebCore/platform/network/ResourceLoadPriority.h

export const ResourceLoadPriority = {
  VeryLow: 'VeryLow',
  Low: 'Low',
  Medium: 'Medium',
  High: 'High',
  VeryHigh: 'VeryHigh',
} as const
export type ResourceLoadPriority = (typeof ResourceLoadPriority)[keyof typeof ResourceLoadPriority]

const ORDER: readonly ResourceLoadPriority[] = ['VeryLow', 'Low', 'Medium', 'High', 'VeryHigh']

/** `fetchpriority`: one step up for `high`, one down for `low`, never past the ends. */
export function applyFetchPriority(priority: ResourceLoadPriority, hint: string | null): ResourceLoadPriority {
  const step = hint === 'high' ? 1 : hint === 'low' ? -1 : 0
  return ORDER[ORDER.indexOf(priority) + step] ?? priority
}
