// What is kept of a response beside its body, with what follows from its fields found out once. Made by Cache when a
// response is stored and by DiskStore when one is read back. RFC 9111 section 3.

import { dateTimeNewFromHttpString } from '../headers/date-time.ts'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { responseControl } from './cache-control.ts'
import type { CacheControl } from './cache-control.ts'

/** A request field that the response was chosen by; null when the request had none. */
export type VaryingField = readonly [name: string, value: string | null]

export interface StoredHeadData {
  /** See `cacheKey`. */
  readonly key: string
  /** Sorted by name. */
  readonly varying: readonly VaryingField[]
  readonly statusCode: number
  readonly reasonPhrase: string
  /** Name, value, name, value… */
  readonly fields: readonly string[]
  /** When the request was made, and when its response came: milliseconds since the epoch. */
  readonly requestTime: number
  readonly responseTime: number
}

export class StoredHead {
  readonly data: StoredHeadData
  /** Read it, do not change it; `copyHeaders` is for who wants to. */
  readonly headers: MessageHeaders
  #control: CacheControl | null = null

  constructor(data: StoredHeadData) {
    this.data = data
    this.headers = MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, data.fields, null)
  }

  get control(): CacheControl {
    return (this.#control ??= responseControl(this.headers))
  }

  get etag(): string | null {
    return validEtag(this.headers)
  }

  get lastModified(): string | null {
    return this.headers.getOne('last-modified')
  }

  get hasValidator(): boolean {
    return this.etag !== null || this.lastModified !== null
  }

  /** When the server says it made the response, in milliseconds since the epoch; when it came if it does not. */
  get date(): number {
    return dateOf(this.headers, 'date') ?? this.data.responseTime
  }

  copyHeaders(): MessageHeaders {
    return MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, this.data.fields, null)
  }
}

/** In milliseconds since the epoch; null when it is missing or no date. */
export function dateOf(headers: MessageHeaders, name: string): number | null {
  const value = headers.getOne(name)
  return value === null ? null : (dateTimeNewFromHttpString(value)?.getTime() ?? null)
}

/** Longer tags are not sent back: with those of all variants they would make a request of their own. */
const MAX_ETAG_LENGTH = 1024

/** The entity tag of a response, or null when it has none that can be sent back (RFC 9110 section 8.8.3). */
export function validEtag(headers: MessageHeaders): string | null {
  const etag = headers.getOne('etag')
  return etag !== null && etag.length <= MAX_ETAG_LENGTH && /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag)
    ? etag
    : null
}
