// What Logger remembers of one message under way: what it printed and the bodies it saw. Upstream: the hash tables of
// libsoup/soup-logger.c.

import { LoggedBody } from './logged-body.ts'

export class LoggedMessage {
  readonly #maxBodySize: number
  requestBody: LoggedBody
  responseBody: LoggedBody
  requestPrinted = false
  responsePrinted = false
  /** The request's body follows after a 100 response. */
  awaitsContinue = false
  /** The response is printed when its reader is through with it, not when it has come. */
  hasTappedResponse = false
  /** Times it was sent before. */
  restarts = 0

  constructor(maxBodySize: number) {
    this.#maxBodySize = maxBodySize
    this.requestBody = new LoggedBody(maxBodySize)
    this.responseBody = new LoggedBody(maxBodySize)
  }

  /** The message will go again. */
  restart(): void {
    this.requestBody = new LoggedBody(this.#maxBodySize)
    this.responseBody = new LoggedBody(this.#maxBodySize)
    this.requestPrinted = this.responsePrinted = this.awaitsContinue = this.hasTappedResponse = false
    this.restarts++
  }
}
