// What Cache knows of one message between asking the store for it and the end of its response. Made by Cache.

import type { Readable } from 'node:stream'
import type { Message } from '../message/message.ts'
import { responseControl, storedFields, StoredHead, varyingFields } from './cache-policy.ts'
import type { CacheControl, ResponseToStore } from './cache-policy.ts'
import type { StoredEntry } from './cache-store.ts'
import type { CacheType } from './cache-type.ts'
import { sentFields } from './request-fields.ts'

export class CacheExchange {
  readonly key: string
  readonly control: CacheControl
  /** When it went on the wire, in milliseconds since the epoch. */
  requestTime = 0
  /** What is stored under the key. */
  entries: readonly StoredEntry[] = []
  /** The one among them that was chosen by the same fields as the message has. */
  selected: StoredEntry | null = null
  /** Whether the server is asked about `entries`. Not where the caller asks for himself. */
  validates = false
  /** Whether the server is to be asked after the stored response has been used. */
  revalidates = false
  /** Whether the response is to be stored. */
  stores = false
  /** What is delivered from the store. */
  body: Readable | null = null
  #addedFields: string[] = []

  constructor(key: string, control: CacheControl) {
    this.key = key
    this.control = control
  }

  /** The response that has come, as the policy looks at it. */
  responseTo({ method, requestHeaders, statusCode, responseHeaders }: Message): ResponseToStore {
    const control = responseControl(responseHeaders)
    return { method, requestHeaders, requestControl: this.control, statusCode, headers: responseHeaders, control }
  }

  /** What to keep of it, at `now` in milliseconds since the epoch; null when no request could be answered with it. */
  newHead(message: Message, type: CacheType, now: number): StoredHead | null {
    const { statusCode, reasonPhrase, responseHeaders } = message
    const varying = varyingFields(responseHeaders, sentFields(message))
    if (varying === null) return null
    const fields = storedFields(responseHeaders, responseControl(responseHeaders), type)
    const times = { requestTime: this.requestTime, responseTime: now }
    return new StoredHead({ key: this.key, varying, statusCode, reasonPhrase, fields, ...times })
  }

  /** Adds fields of the cache's own to the request. */
  addFields(message: Message, fields: readonly (readonly [string, string])[]): void {
    for (const [name, value] of fields) {
      message.requestHeaders.replace(name, value)
      this.#addedFields.push(name)
    }
  }

  /** Makes the request the caller's again. */
  removeFields(message: Message): void {
    for (const name of this.#addedFields) message.requestHeaders.remove(name)
    this.#addedFields = []
  }
}
