// Turns what node:tls reports into TlsError; called for failed handshakes and for errors of established streams.
// Upstream: glib-networking/tls/openssl/gtlsconnection-openssl.c (end_openssl_io).

import { TlsError, type TlsErrorCode } from '@wpe-networking/glib-networking-base'

/** OpenSSL's reasons, as Node spells them in `error.code`, that mean something of their own. */
const CODES: Readonly<Record<string, readonly [TlsErrorCode, string]>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: ['NOT_TLS', 'The peer does not speak TLS.'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['NOT_TLS', 'The peer does not speak TLS.'],
  ERR_SSL_BAD_RECORD_TYPE: ['NOT_TLS', 'The peer does not speak TLS.'],
  ERR_SSL_UNKNOWN_PROTOCOL: ['NOT_TLS', 'The peer does not speak TLS.'],
  ERR_SSL_HTTP_REQUEST: ['NOT_TLS', 'The peer sent an HTTP request instead of speaking TLS.'],
  ERR_SSL_HTTPS_PROXY_REQUEST: ['NOT_TLS', 'The peer sent a proxy request instead of speaking TLS.'],
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: ['CERTIFICATE_REQUIRED', 'The peer sent no certificate.'],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['CERTIFICATE_REQUIRED', 'The peer requires a certificate.'],
  ERR_SSL_TLSV1_ALERT_INAPPROPRIATE_FALLBACK: [
    'INAPPROPRIATE_FALLBACK',
    'The peer refused to fall back to an older version of TLS.',
  ],
  ERR_SSL_INAPPROPRIATE_FALLBACK: [
    'INAPPROPRIATE_FALLBACK',
    'The peer fell back to an older version of TLS without need.',
  ],
}

/** How a connection that is gone shows itself; which one it is depends on timing alone. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'])

interface NodeTlsError extends Error {
  readonly code?: string
  readonly reason?: string
}

/**
 * The error to throw for a handshake that ended with `error`: TlsError for everything TLS has a word for, `EOF` for a
 * connection that was closed or reset, and any other system error as it is.
 */
export function handshakeError(error: Error): Error {
  const { code } = error as NodeTlsError
  if (code !== undefined && CLOSED.has(code)) {
    return new TlsError('EOF', 'The peer closed the connection during the TLS handshake.', { cause: error })
  }
  return opensslError(error, 'The TLS handshake failed')
}

/** The error for an established stream that failed with `error`; what is not OpenSSL's is left as it is. */
export function streamError(error: Error): Error {
  return opensslError(error, 'The TLS connection failed')
}

function opensslError(error: Error, what: string): Error {
  const { code, reason } = error as NodeTlsError
  if (code === undefined || error instanceof TlsError || !(code === 'EPROTO' || code.startsWith('ERR_SSL_')))
    return error
  const known = CODES[code]
  if (known !== undefined) return new TlsError(known[0], known[1], { cause: error })
  const established = what !== 'The TLS handshake failed'
  return new TlsError(established ? 'MISC' : 'HANDSHAKE', `${what}: ${reason ?? error.message}.`, { cause: error })
}
