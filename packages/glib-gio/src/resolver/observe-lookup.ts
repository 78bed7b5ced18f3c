// Tells the diagnostics channel about one question that is really asked. Called by Resolver.

import { resolverChannel, timestamp } from '../diagnostics.ts'
import { IOError } from '../io-error.ts'
import { ResolverError } from './resolver-error.ts'

export interface ObservedLookup {
  readonly name: string
  readonly recordType?: string
  readonly notFound: () => ResolverError
}

let lookups = 0

/**
 * Runs `ask` and gives its values, which may be none.
 *
 * @throws {ResolverError | IOError} What `ask` throws, turned into an error of these domains.
 */
export async function observeLookup<T>(
  { name, recordType, notFound }: ObservedLookup,
  ask: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const lookupId = ++lookups
  const about = recordType === undefined ? { hostname: name } : { hostname: name, recordType }
  const fail = (error: Error): void => {
    if (!resolverChannel.hasSubscribers) return
    resolverChannel.publish({ time: timestamp(), state: 'failed', lookupId, ...about, error })
  }
  if (resolverChannel.hasSubscribers) {
    resolverChannel.publish({ time: timestamp(), state: 'lookup', lookupId, ...about })
  }
  let values: readonly T[]
  try {
    values = await ask()
  } catch (cause) {
    const isOurs = cause instanceof ResolverError || cause instanceof IOError
    const error = isOurs ? cause : ResolverError.fromNode(cause, name)
    fail(error)
    throw error
  }
  if (values.length === 0) {
    fail(notFound())
  } else if (resolverChannel.hasSubscribers) {
    const found = recordType === undefined ? { addresses: values.map(String) } : { count: values.length }
    resolverChannel.publish({ time: timestamp(), state: 'resolved', lookupId, ...about, ...found })
  }
  return values
}
