// What ties an authentication above to a TLS connection. RFC 5929, RFC 9266.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (get_channel_binding_data).

import {
  serverEndPoint,
  TlsChannelBindingError,
  TlsChannelBindingType,
  type TlsCertificate,
  type TlsProtocolVersion,
} from '@wpe-networking/glib-networking-base'
import type { GnutlsSession } from './gnutls-session.ts'
import {
  GNUTLS_CB_TLS_EXPORTER,
  GNUTLS_CB_TLS_UNIQUE,
  GNUTLS_E_CHANNEL_BINDING_NOT_AVAILABLE,
  GNUTLS_E_INVALID_SESSION,
  GNUTLS_TLS1_3,
} from './libgnutls.ts'

export interface BoundConnection {
  /** After its handshake. */
  readonly session: GnutlsSession
  readonly protocolVersion: TlsProtocolVersion
  readonly serverCertificate: TlsCertificate | null
}

/** @throws {TlsChannelBindingError} As `TlsBackendConnection.getChannelBindingData`. */
export function channelBindingData(type: TlsChannelBindingType, connection: BoundConnection): Buffer {
  const { session, protocolVersion, serverCertificate } = connection
  switch (type) {
    case TlsChannelBindingType.TLS_UNIQUE:
      if (protocolVersion === GNUTLS_TLS1_3) {
        throw new TlsChannelBindingError('NOT_SUPPORTED', 'The channel binding tls-unique is not defined for TLS 1.3.')
      }
      return bindingOf(session, GNUTLS_CB_TLS_UNIQUE)
    case TlsChannelBindingType.TLS_SERVER_END_POINT:
      // Not asked of the session, which on a server that resumes has no certificate.
      if (serverCertificate === null) throw notAvailable('The server has no certificate.')
      return serverEndPoint(serverCertificate)
    case TlsChannelBindingType.TLS_EXPORTER:
      return bindingOf(session, GNUTLS_CB_TLS_EXPORTER)
    default:
      throw new TlsChannelBindingError('NOT_IMPLEMENTED', `There is no channel binding of the type ${String(type)}.`)
  }
}

function bindingOf(session: GnutlsSession, type: number): Buffer {
  const binding = session.channelBinding(type)
  if (typeof binding !== 'number') return binding
  switch (binding) {
    case GNUTLS_E_INVALID_SESSION:
      throw notAvailable('The connection is closed.')
    case GNUTLS_E_CHANNEL_BINDING_NOT_AVAILABLE:
      throw notAvailable('The connection has no extended master secret.')
    default:
      throw new TlsChannelBindingError(
        'GENERAL_ERROR',
        `GnuTLS made no channel binding: ${session.describe(binding).description}`,
      )
  }
}

function notAvailable(message: string): TlsChannelBindingError {
  return new TlsChannelBindingError('NOT_AVAILABLE', message)
}
