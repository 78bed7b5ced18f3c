// The errors of libsoup and what is below it as data for the WebProcess: domain, code and sentence stay as they were thrown.
// Upstream: WebCore/platform/network/soup/ResourceErrorSoup.cpp.
import { IOError, TlsError } from '@wpe-networking/glib-gio'
import { networkError, type ResourceErrorData } from '../../shared/resource-error-data.ts'

interface DomainError extends Error {
  readonly domain: string
  readonly code: string
}

export function resourceErrorFromSoup(error: unknown, failingURL: string): ResourceErrorData {
  if (!isDomainError(error)) {
    // A request header or method that Soup.Message refuses throws a TypeError; its sentence says which.
    return networkError('FAILED', failingURL, error instanceof Error ? error.message : String(error))
  }
  return {
    domain: error.domain,
    code: error.code,
    failingURL,
    localizedDescription: error.message,
    type: error.code === 'CANCELLED' ? 'Cancellation' : error.code === 'TIMED_OUT' ? 'Timeout' : 'General',
    tlsErrors: error instanceof TlsError ? error.flags : 0,
  }
}

/** What a load ends with that heard nothing for its timeout interval. */
export function timeoutError(failingURL: string): ResourceErrorData {
  return resourceErrorFromSoup(new IOError('TIMED_OUT', 'The server did not answer in time.'), failingURL)
}

function isDomainError(error: unknown): error is DomainError {
  return error instanceof Error && 'domain' in error && 'code' in error && typeof error.code === 'string'
}
