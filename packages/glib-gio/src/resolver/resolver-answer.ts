// An answer and how long it holds: what every way to ask gives to Resolver, which keeps it in its cache.

import type { InetAddress } from '../addresses/inet-address.ts'
import type { ResolverRecords, ResolverRecordType } from './resolver-records.ts'

/** No values means: the name does not exist, or has nothing of what was asked for. */
export interface ResolverAnswer<T> {
  readonly values: readonly T[]
  /** How long the answer may be kept, in seconds; 0 not at all. */
  readonly ttl: number
}

export interface ResolverSourceOptions {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** A way to ask. Every method rejects with a `ResolverError`, an `IOError` or an error of Node. */
export interface ResolverSource {
  /** @param hostname In ASCII and lower case; neither an IP address nor `localhost`. */
  lookupName(hostname: string, flags: number, options: ResolverSourceOptions): Promise<ResolverAnswer<InetAddress>>
  lookupAddress(address: InetAddress, options: ResolverSourceOptions): Promise<ResolverAnswer<string>>
  /** @param name In ASCII and lower case, without the last dot. */
  lookupRecords<Type extends ResolverRecordType>(
    name: string,
    type: Type,
    options: ResolverSourceOptions,
  ): Promise<ResolverAnswer<ResolverRecords[Type]>>
  /** The configuration of the system has changed. */
  reload(): void
  /** Closes connections that are kept open; they come back when they are needed. */
  close(): void
}
