// What lookupRecords asks for and answers with. Upstream: glib/gio/gioenums.h (GResolverRecordType), whose tuples are
// objects here. RFC 1035 section 3.3, RFC 2782 (SRV), RFC 9460 (SVCB, HTTPS).

import type { ServiceBinding } from './service-binding.ts'

/** `SVCB` and `HTTPS` are additions to upstream's list; their values are their DNS type numbers. */
export const ResolverRecordType = { SRV: 1, MX: 2, TXT: 3, SOA: 4, NS: 5, SVCB: 64, HTTPS: 65 } as const
export type ResolverRecordType = (typeof ResolverRecordType)[keyof typeof ResolverRecordType]

/** One host that runs a service. */
export interface SrvRecord {
  /** Lower is tried first. */
  readonly priority: number
  /** The share of connections among those with the same priority. */
  readonly weight: number
  readonly port: number
  readonly hostname: string
}

/** One host that takes mail. */
export interface MxRecord {
  /** Lower is tried first. */
  readonly preference: number
  readonly hostname: string
}

/** Text; by agreement its strings are often to be read one after the other without anything between. */
export interface TxtRecord {
  readonly contents: readonly string[]
}

/** Who answers for a zone, and how long its data hold. Times are in seconds. */
export interface SoaRecord {
  readonly primaryNs: string
  /** A mail address with its `@` written as a dot. */
  readonly administrator: string
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  /** How long "there is no such name" may be remembered (RFC 2308). */
  readonly ttl: number
}

/** One name server of a zone. */
export interface NsRecord {
  readonly hostname: string
}

/** The kind of record that each type brings. */
export interface ResolverRecords {
  readonly [ResolverRecordType.SRV]: SrvRecord
  readonly [ResolverRecordType.MX]: MxRecord
  readonly [ResolverRecordType.TXT]: TxtRecord
  readonly [ResolverRecordType.SOA]: SoaRecord
  readonly [ResolverRecordType.NS]: NsRecord
  readonly [ResolverRecordType.SVCB]: ServiceBinding
  readonly [ResolverRecordType.HTTPS]: ServiceBinding
}
