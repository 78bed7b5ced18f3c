// Reads `Sec-WebSocket-Extensions`. Used by both sides of the handshake. Grammar: RFC 6455 section 9.1.

import { headerParseList, isToken } from '../headers/header-params.ts'
import type { WebsocketExtensionParams } from './websocket-extension.ts'

export interface ExtensionElement {
  readonly name: string
  /** Null when the parameters are malformed or one comes twice. */
  readonly params: WebsocketExtensionParams | null
}

// More elements, or longer ones, than any peer has reason to send.
const MAX_ELEMENTS = 32
const MAX_LENGTH = 4096

/** The elements of the list in order, or null when it is no such list. Takes linear time. */
export function parseExtensionHeader(value: string): ExtensionElement[] | null {
  if (value.length > MAX_LENGTH) return null
  const list = headerParseList(value)
  if (list.length === 0 || list.length > MAX_ELEMENTS) return null
  const elements: ExtensionElement[] = []
  for (const text of list) {
    // No value may hold a semicolon, quoted or not: what is inside quotes has to be a token too.
    const [name = '', ...params] = text.split(';').map((part) => part.trim())
    if (!isToken(name)) return null
    elements.push({ name, params: parseParams(params) })
  }
  return elements
}

function parseParams(parts: readonly string[]): WebsocketExtensionParams | null {
  const params = new Map<string, string | null>()
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim()
    const value = equals < 0 ? null : unquote(part.slice(equals + 1).trim())
    if (!isToken(name) || (value !== null && !isToken(value)) || params.has(name)) return null
    params.set(name, value)
  }
  return params
}

function unquote(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}
