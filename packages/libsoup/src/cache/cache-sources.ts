// Where the responses of messages came from. Written by Cache and CacheReader, read by callers through Cache.

import type { Message } from '../message/message.ts'
import { CacheSource } from './cache-type.ts'

const sources = new WeakMap<Message, CacheSource>()

export function sourceOf(message: Message): CacheSource {
  return sources.get(message) ?? CacheSource.NETWORK
}

export function setSource(message: Message, source: CacheSource): void {
  sources.set(message, source)
}

export function forgetSource(message: Message): void {
  sources.delete(message)
}
