// Prints the requests and responses of sessions, for people who want to see what happens. A SessionFeature.
// Upstream: libsoup/soup-logger.c.

import type { Readable } from 'node:stream'
import { Expectation } from '../headers/expectation.ts'
import { LoggedMessage } from './logged-message.ts'
import { LogPrinter } from './log-printer.ts'
import type { LoggerPrinter } from './log-printer.ts'
import { LoggerLogLevel } from './logger-log-level.ts'
import type { Message } from '../message/message.ts'
import type { Session } from '../session/session.ts'
import type { SessionFeature } from '../session/session-feature.ts'
import { tapStream } from './tap-stream.ts'

/** Says how much of one message is printed. Called more than once for each. */
export type LoggerFilter = (message: Message) => LoggerLogLevel

export interface LoggerOptions {
  /** Bytes of a body that are kept and printed; -1 for all of it. Default 64 KiB. */
  readonly maxBodySize?: number
}

const DEFAULT_MAX_BODY_SIZE = 64 * 1024

/**
 * A request is printed once it is written whole, a response once it came whole, or once its body was read where bodies are
 * printed; a message that fails before is printed as far as it got. `Authorization` and `Proxy-Authorization` are
 * printed without secrets; cookies and bodies are not touched, so mind who reads the log.
 */
export class Logger implements SessionFeature {
  readonly processingStage = 'body-data'
  level: LoggerLogLevel
  /** Bytes of a body that are kept and printed; -1 for all of it. Goes for messages queued from then on. */
  maxBodySize: number
  readonly #messages = new Map<Message, LoggedMessage>()
  readonly #listeners = new WeakMap<Message, () => void>()
  readonly #output = new LogPrinter()
  #requestFilter: LoggerFilter | null = null
  #responseFilter: LoggerFilter | null = null
  #session: Session | null = null

  constructor(level: LoggerLogLevel = LoggerLogLevel.MINIMAL, options: LoggerOptions = {}) {
    this.level = level
    this.maxBodySize = options.maxBodySize ?? DEFAULT_MAX_BODY_SIZE
  }

  /** Decides in place of `level` about requests; null: `level` again. */
  setRequestFilter(filter: LoggerFilter | null): void {
    this.#requestFilter = filter
  }

  /** Decides in place of `level` about responses; null: `level` again. */
  setResponseFilter(filter: LoggerFilter | null): void {
    this.#responseFilter = filter
  }

  /** Takes the lines in place of the standard output; null: the standard output again. */
  setPrinter(printer: LoggerPrinter | null): void {
    this.#output.printer = printer
  }

  attach(session: Session): void {
    this.#session = session
  }

  requestQueued(message: Message): void {
    if (this.#isSilent) return
    const logged = new LoggedMessage(this.maxBodySize)
    this.#messages.set(message, logged)
    const wroteBody = (): void => this.#wroteBody(message, logged)
    const informational = (): void => this.#gotInformational(message, logged)
    const gotBody = (): void => this.#gotBody(message, logged)
    const restarted = (): void => this.#restarted(message, logged)
    message.on('wrote-body', wroteBody).on('got-informational', informational)
    message.on('got-body', gotBody).on('restarted', restarted)
    this.#listeners.set(message, () => {
      message.off('wrote-body', wroteBody).off('got-informational', informational)
      message.off('got-body', gotBody).off('restarted', restarted)
    })
  }

  requestStarting(message: Message): void {
    const logged = this.#messages.get(message)
    const body = message.requestBody
    if (logged === undefined || body === null) return
    const wanted = this.#requestLevel(message) === LoggerLogLevel.BODY
    body.tap = wanted ? (chunk) => logged.requestBody.append(chunk) : null
  }

  wantsInput(message: Message): boolean {
    return this.#messages.has(message) && this.#responseLevel(message) === LoggerLogLevel.BODY
  }

  wrapInput(message: Message, body: Readable): Readable | null {
    const logged = this.#messages.get(message)
    if (logged === undefined || !this.wantsInput(message)) return null
    logged.hasTappedResponse = true
    const { responseBody } = logged
    const tapped = tapStream(body, (chunk) => responseBody.append(chunk))
    return tapped.once('close', () => this.#printResponse(message, logged))
  }

  requestUnqueued(message: Message): void {
    const logged = this.#messages.get(message)
    if (logged === undefined) return
    if (logged.requestPrinted && !logged.hasTappedResponse) this.#printResponse(message, logged)
    if (message.requestBody !== null) message.requestBody.tap = null
    this.#messages.delete(message)
    this.#listeners.get(message)?.()
    this.#listeners.delete(message)
  }

  get #isSilent(): boolean {
    return this.level === LoggerLogLevel.NONE && this.#requestFilter === null && this.#responseFilter === null
  }

  #requestLevel(message: Message): LoggerLogLevel {
    return this.#requestFilter?.(message) ?? this.level
  }

  #responseLevel(message: Message): LoggerLogLevel {
    return this.#responseFilter?.(message) ?? this.level
  }

  #wroteBody(message: Message, logged: LoggedMessage): void {
    if (logged.awaitsContinue) {
      logged.awaitsContinue = false
      this.#output.printContinuedBody(this.#requestLevel(message), logged.requestBody)
    } else {
      this.#printRequest(message, logged)
    }
  }

  #gotInformational(message: Message, logged: LoggedMessage): void {
    logged.awaitsContinue ||= !logged.requestPrinted && message.requestHeaders.expectations === Expectation.CONTINUE
    this.#printRequest(message, logged)
    this.#output.printResponse(message, this.#responseLevel(message), null)
  }

  #gotBody(message: Message, logged: LoggedMessage): void {
    if (!logged.hasTappedResponse) this.#printResponse(message, logged)
  }

  /** The response that made it go again may have been cut short. */
  #restarted(message: Message, logged: LoggedMessage): void {
    if (logged.requestPrinted) this.#printResponse(message, logged)
    logged.restart()
  }

  #printRequest(message: Message, logged: LoggedMessage): void {
    if (logged.requestPrinted) return
    logged.requestPrinted = true
    const body = logged.awaitsContinue ? null : logged.requestBody
    this.#output.printRequest(message, this.#requestLevel(message), body, this.#session, logged.restarts > 0)
  }

  #printResponse(message: Message, logged: LoggedMessage): void {
    if (logged.responsePrinted || message.statusCode === 0) return
    logged.responsePrinted = true
    this.#printRequest(message, logged) // one that was answered before it was written whole, or never written
    this.#output.printResponse(message, this.#responseLevel(message), logged.responseBody)
  }
}
