// The error a failed page load ends in, whichever process it came from. Thrown by WebView.loadURI, reported by the CLI.

import type { ErrorReport } from './load-report.ts'

/**
 * A page load failed. `domain` and `code` are those of the layer that failed (`g-resolver-error-quark` `NOT_FOUND`,
 * `g-tls-error-quark` `BAD_CERTIFICATE`, …); the message is one sentence.
 */
export class LoadError extends Error {
  override readonly name = 'LoadError'
  readonly domain: string
  readonly code: string

  constructor(domain: string, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.domain = domain
    this.code = code
  }

  static fromReport({ domain, code, message }: ErrorReport): LoadError {
    return new LoadError(domain, code, message)
  }

  toReport(): ErrorReport {
    return { domain: this.domain, code: this.code, message: this.message }
  }
}
