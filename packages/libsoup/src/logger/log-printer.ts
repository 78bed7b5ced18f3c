// Writes messages as lines of a log, in upstream's format. Owned by Logger. Upstream: print_request and print_response of
// libsoup/soup-logger.c.

import type { LoggedBody } from './logged-body.ts'
import { LoggerLogLevel } from './logger-log-level.ts'
import { redactedField } from './redacted-field.ts'
import { HTTPVersion } from '../message/http-version.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'

/**
 * Takes one line.
 *
 * @param level What kind of line it is, such as `LoggerLogLevel.HEADERS` for a header field.
 * @param direction `>` for requests, `<` for responses.
 * @param data Without an end of line.
 */
export type LoggerPrinter = (level: LoggerLogLevel, direction: '>' | '<', data: string) => void

const VERSIONS: Readonly<Record<HTTPVersion, string>> = {
  [HTTPVersion.HTTP_1_0]: '1.0',
  [HTTPVersion.HTTP_1_1]: '1.1',
  [HTTPVersion.HTTP_2_0]: '2',
}

export class LogPrinter {
  /** Null prints to the standard output. */
  printer: LoggerPrinter | null = null
  readonly #messageIds = new WeakMap<Message, number>()
  readonly #sessionIds = new WeakMap<object, number>()
  #lastMessageId = 0
  #lastSessionId = 0

  /** @param body Null when it is to follow. */
  printRequest(
    message: Message,
    level: LoggerLogLevel,
    body: LoggedBody | null,
    session: object | null,
    restarted: boolean,
  ): void {
    const ids = `${this.#sessionId(session)}, ${this.#messageId(message)}, ${socketId(message)}`
    if (level === LoggerLogLevel.NONE) return
    this.#print(LoggerLogLevel.MINIMAL, '>', `${message.method} ${targetOf(message)} HTTP/${versionOf(message)}`)
    this.#print(LoggerLogLevel.MINIMAL, '>', timestamp())
    this.#print(LoggerLogLevel.MINIMAL, '>', `Soup-Debug: ${ids}${restarted ? ', restarted' : ''}`)
    if (level >= LoggerLogLevel.HEADERS) {
      this.#print(LoggerLogLevel.HEADERS, '>', `Soup-Host: ${message.uri.host ?? ''}`)
      for (const [name, value] of message.requestHeaders) {
        this.#print(LoggerLogLevel.HEADERS, '>', redactedField(name, value))
      }
    }
    if (level === LoggerLogLevel.BODY && body !== null) this.#printBody('>', body)
    this.#printGap()
  }

  /** The body of a request that waited for a 100 response. */
  printContinuedBody(level: LoggerLogLevel, body: LoggedBody): void {
    if (level === LoggerLogLevel.NONE) return
    this.#print(LoggerLogLevel.MINIMAL, '>', '[Now sending request body...]')
    if (level === LoggerLogLevel.BODY) this.#printBody('>', body)
    this.#printGap()
  }

  /** @param body Null for a response that has none. */
  printResponse(message: Message, level: LoggerLogLevel, body: LoggedBody | null): void {
    if (level === LoggerLogLevel.NONE) return
    const { statusCode, reasonPhrase } = message
    this.#print(LoggerLogLevel.MINIMAL, '<', `HTTP/${versionOf(message)} ${statusCode} ${reasonPhrase}`)
    this.#print(LoggerLogLevel.MINIMAL, '<', timestamp())
    this.#print(LoggerLogLevel.MINIMAL, '<', `Soup-Debug: ${this.#messageId(message)}`)
    if (level >= LoggerLogLevel.HEADERS) {
      for (const [name, value] of message.responseHeaders) {
        this.#print(LoggerLogLevel.HEADERS, '<', `${name}: ${value}`)
      }
    }
    if (level === LoggerLogLevel.BODY && body !== null) this.#printBody('<', body)
    this.#printGap()
  }

  #printBody(direction: '>' | '<', body: LoggedBody): void {
    if (body.isEmpty) return
    this.#print(LoggerLogLevel.BODY, direction, '')
    for (const line of body.toString().split('\n')) this.#print(LoggerLogLevel.BODY, direction, line)
  }

  #print(level: LoggerLogLevel, direction: '>' | '<', data: string): void {
    if (this.printer === null) process.stdout.write(`${direction} ${data}\n`)
    else this.printer(level, direction, data)
  }

  /** Between messages, for the eye. */
  #printGap(): void {
    if (this.printer === null) process.stdout.write('\n')
  }

  #sessionId(session: object | null): string {
    if (session === null) return 'SoupSession 0'
    const id = this.#sessionIds.get(session) ?? ++this.#lastSessionId
    this.#sessionIds.set(session, id)
    return `SoupSession ${id}`
  }

  #messageId(message: Message): string {
    const id = this.#messageIds.get(message) ?? ++this.#lastMessageId
    this.#messageIds.set(message, id)
    return `SoupMessage ${id}`
  }
}

function socketId({ connectionId }: Message): string {
  return connectionId === 0 ? 'cached' : `GSocket ${connectionId}`
}

function targetOf(message: Message): string {
  const { target } = messageState(message)
  return message.method === 'CONNECT' ? target.authority : target.path
}

function versionOf(message: Message): string {
  return VERSIONS[message.httpVersion]
}

function timestamp(): string {
  return `Soup-Debug-Timestamp: ${Math.floor(Date.now() / 1000)}`
}
