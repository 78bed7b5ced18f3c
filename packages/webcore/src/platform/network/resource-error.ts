// Why a load failed. Comes over the process boundary as ResourceErrorData, or is made here for what WebCore itself ends.
// Upstream: WebCore/platform/network/ResourceErrorBase.cpp and WebKit's WebErrors.cpp for the messages.

import type { ResourceErrorData } from '@wpe-networking/webkit-network-process/connection'

/** Error domains that originate in WebCore. Errors of lower layers keep their own domain. */
export const ResourceErrorDomain = {
  NETWORK: 'WebKitNetworkError',
  POLICY: 'WebKitPolicyError',
  INTERNAL: 'WebKitInternal',
} as const

/** A failed load. `domain` and `code` are stable, the message is one plain sentence. */
export class ResourceError extends Error {
  override readonly name = 'ResourceError'
  readonly domain: string
  readonly code: string
  readonly failingURL: string
  readonly type: ResourceErrorData['type']
  /** The failed certificate checks as TlsCertificateFlags bits, 0 when TLS was not the cause. */
  readonly tlsErrors: number

  constructor(data: ResourceErrorData) {
    super(data.localizedDescription)
    this.domain = data.domain
    this.code = data.code
    this.failingURL = data.failingURL
    this.type = data.type
    this.tlsErrors = data.tlsErrors
  }

  get isCancellation(): boolean {
    return this.type === 'Cancellation'
  }

  get isTimeout(): boolean {
    return this.type === 'Timeout'
  }

  get isAccessControl(): boolean {
    return this.type === 'AccessControl'
  }

  data(): ResourceErrorData {
    return {
      domain: this.domain,
      code: this.code,
      failingURL: this.failingURL,
      localizedDescription: this.message,
      type: this.type,
      tlsErrors: this.tlsErrors,
    }
  }
}

/** `WebKitNetworkError` `CANCELLED`: somebody stopped the load. */
export function cancelledError(url: string): ResourceError {
  return make('NETWORK', 'CANCELLED', url, 'The load was stopped.', 'Cancellation')
}

/** `WebKitPolicyError` `FRAME_LOAD_INTERRUPTED_BY_POLICY_CHANGE`: the client answered 'ignore'. */
export function interruptedForPolicyChangeError(url: string): ResourceError {
  return make(
    'POLICY',
    'FRAME_LOAD_INTERRUPTED_BY_POLICY_CHANGE',
    url,
    'The load was interrupted by a policy decision.',
  )
}

/** `WebKitPolicyError` `CANNOT_SHOW_URI`: the address does not parse or is nothing a page can load. */
export function cannotShowURLError(url: string): ResourceError {
  return make('POLICY', 'CANNOT_SHOW_URI', url, `The address "${shorten(url)}" cannot be shown.`)
}

/** `WebKitNetworkError` `DOCUMENT_TOO_LARGE`: the main resource passed the limit of DocumentLoader. */
export function documentTooLargeError(url: string, limitBytes: number): ResourceError {
  return make('NETWORK', 'DOCUMENT_TOO_LARGE', url, `The document is larger than ${limitBytes} bytes.`)
}

/** `WebKitNetworkError` `TRANSPORT`: the load could not be handed to the NetworkProcess. */
export function transportError(url: string, reason: string): ResourceError {
  return make('NETWORK', 'TRANSPORT', url, `The load could not be started: ${reason}.`)
}

/** `WebKitInternal` `INTERNAL`: a fault of this package, caught so that the load still ends. */
export function internalError(url: string, cause: unknown): ResourceError {
  const error = make('INTERNAL', 'INTERNAL', url, 'The page could not be processed.')
  error.cause = cause
  return error
}

function make(
  domain: keyof typeof ResourceErrorDomain,
  code: string,
  failingURL: string,
  localizedDescription: string,
  type: ResourceErrorData['type'] = 'General',
): ResourceError {
  return new ResourceError({
    domain: ResourceErrorDomain[domain],
    code,
    failingURL,
    localizedDescription,
    type,
    tlsErrors: 0,
  })
}

function shorten(url: string): string {
  return url.length > 200 ? `${url.slice(0, 200)}…` : url
}
