// What GnuTLS's numbers mean to a caller: one TlsError per failure, used by the handshake and the data stream.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (end_gnutls_io).

import { TlsError } from '@wpe-networking/glib-networking-base'
import {
  GNUTLS_A_CERTIFICATE_REQUIRED,
  GNUTLS_A_INAPPROPRIATE_FALLBACK,
  GNUTLS_E_CERTIFICATE_REQUIRED,
  GNUTLS_E_FATAL_ALERT_RECEIVED,
  GNUTLS_E_INAPPROPRIATE_FALLBACK,
  GNUTLS_E_NO_CERTIFICATE_FOUND,
  GNUTLS_E_PREMATURE_TERMINATION,
  GNUTLS_E_SESSION_EOF,
  GNUTLS_E_UNEXPECTED_PACKET_LENGTH,
  GNUTLS_E_UNSUPPORTED_VERSION_PACKET,
} from './libgnutls.ts'

const WHERE_TO_GET_IT =
  'install the package libgnutls30 (Debian, Ubuntu), gnutls (Fedora, Arch Linux) or gnutls (Homebrew)'

/** `UNAVAILABLE` because what calls foreign libraries is missing, which npm leaves out where it has no build for the machine. */
export function koffiMissing(cause: unknown): TlsError {
  return new TlsError(
    'UNAVAILABLE',
    'The GnuTLS backend could not load koffi: install the npm package koffi, with its optional dependencies.',
    { cause },
  )
}

/** `UNAVAILABLE` because the library, or a part of it, could not be loaded. */
export function libraryMissing(what: string, cause: unknown): TlsError {
  return new TlsError('UNAVAILABLE', `The GnuTLS backend could not load ${what}: ${WHERE_TO_GET_IT}.`, { cause })
}

/** `UNAVAILABLE` because the library lacks functions this package calls. */
export function libraryTooOld(version: string, minimum: string): TlsError {
  return new TlsError(
    'UNAVAILABLE',
    `GnuTLS ${version} is too old for the GnuTLS backend, which needs ${minimum} or later: ${WHERE_TO_GET_IT}.`,
  )
}

/** What is known about a failure when it is turned into an error. */
export interface GnutlsFailure {
  /** The negative number GnuTLS returned. */
  readonly code: number
  /** `gnutls_strerror` of it. */
  readonly description: string
  /** The last alert the peer sent: number and name; only meaningful with `GNUTLS_E_FATAL_ALERT_RECEIVED`. */
  readonly alert: number
  readonly alertName: string
  /** False when the peer sent something whose first bytes are no TLS record. */
  readonly peerSpeaksTls: boolean
}

/** An error of the first handshake. */
export function handshakeError(failure: GnutlsFailure): TlsError {
  const cause = causeOf(failure)
  switch (failure.code) {
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
      return alertError(failure, 'HANDSHAKE')
    case GNUTLS_E_NO_CERTIFICATE_FOUND:
    case GNUTLS_E_CERTIFICATE_REQUIRED:
      return new TlsError('CERTIFICATE_REQUIRED', 'The peer did not send a certificate.', { cause })
    case GNUTLS_E_INAPPROPRIATE_FALLBACK:
      return new TlsError('INAPPROPRIATE_FALLBACK', 'The peer fell back to an older version of TLS.', { cause })
  }
  // Whatever the library made of bytes that are not TLS, this is the reason.
  if (!failure.peerSpeaksTls) return new TlsError('NOT_TLS', 'The peer does not speak TLS.', { cause })
  switch (failure.code) {
    case GNUTLS_E_PREMATURE_TERMINATION:
    case GNUTLS_E_SESSION_EOF:
      return closedDuringHandshake(cause)
    case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
      return new TlsError('HANDSHAKE', 'The peer and this side share no version of TLS.', { cause })
    case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
      return new TlsError('HANDSHAKE', 'The peer sent a malformed TLS message.', { cause })
    default:
      return new TlsError('HANDSHAKE', `The TLS handshake failed: ${sentence(failure.description)}`, { cause })
  }
}

/** `EOF` before there was a connection. */
export function closedDuringHandshake(cause?: unknown): TlsError {
  return new TlsError('EOF', 'The peer closed the connection during the TLS handshake.', { cause })
}

/** An error of an established connection. */
export function connectionError(failure: GnutlsFailure): TlsError {
  const cause = causeOf(failure)
  switch (failure.code) {
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
      return alertError(failure, 'MISC')
    case GNUTLS_E_PREMATURE_TERMINATION:
    case GNUTLS_E_SESSION_EOF:
      return new TlsError('EOF', 'The TLS connection was closed without notice.', { cause })
    default:
      return new TlsError('MISC', `The TLS connection failed: ${sentence(failure.description)}`, { cause })
  }
}

/** An error that is this side's or the machine's own: bad key, no memory. */
export function setupError(what: string, description: string): TlsError {
  return new TlsError('MISC', `${what}: ${sentence(description)}`)
}

/** Alerts with a code of their own keep it; in TLS 1.3 a missing client certificate is only told after the handshake. */
function alertError(failure: GnutlsFailure, otherwise: 'HANDSHAKE' | 'MISC'): TlsError {
  const cause = causeOf(failure)
  switch (failure.alert) {
    case GNUTLS_A_CERTIFICATE_REQUIRED:
      return new TlsError('CERTIFICATE_REQUIRED', 'The peer requires a certificate.', { cause })
    case GNUTLS_A_INAPPROPRIATE_FALLBACK:
      return new TlsError('INAPPROPRIATE_FALLBACK', 'The peer refused the fallback to an older version of TLS.', {
        cause,
      })
    default:
      return new TlsError(otherwise, `The peer sent the fatal TLS alert "${failure.alertName}".`, { cause })
  }
}

function causeOf({ code, description }: GnutlsFailure): Error {
  return new Error(`GnuTLS error ${code}: ${description}`)
}

/** GnuTLS descriptions mostly end in a full stop, but not all. */
function sentence(description: string): string {
  return description.endsWith('.') ? description : `${description}.`
}
