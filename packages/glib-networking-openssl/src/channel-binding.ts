// Channel bindings from what node:tls gives of a connection.
// Upstream: glib-networking/tls/openssl/gtlsconnection-openssl.c (openssl_get_binding_*). RFC 5929, RFC 9266.

import type { TLSSocket } from 'node:tls'
import {
  DerReader,
  DerTag,
  serverEndPoint,
  type TlsCertificate,
  TlsChannelBindingError,
  TlsChannelBindingType,
  TlsProtocolVersion,
} from '@wpe-networking/glib-networking-base'
import { encodedSessionOf } from './node-tls-internals.ts'

const EXPORTER_LABEL = 'EXPORTER-Channel-Binding'
const EXPORTER_LENGTH = 32
/** The field `flags` of OpenSSL's encoded session, and its bit for the extended master secret (RFC 7627). */
const SESSION_FLAGS_TAG = 0xad
const SESSION_FLAG_EXTENDED_MASTER_SECRET = 1

export interface BoundConnection {
  /** After its handshake. */
  readonly socket: TLSSocket
  readonly protocolVersion: TlsProtocolVersion
  /** Whether the first Finished message of the handshake was sent from here. */
  readonly isFirstFinishedOurs: boolean
  readonly serverCertificate: TlsCertificate | null
}

/** @throws {TlsChannelBindingError} As `TlsBackendConnection.getChannelBindingData`. */
export function channelBindingData(type: TlsChannelBindingType, connection: BoundConnection): Buffer {
  switch (type) {
    case TlsChannelBindingType.TLS_UNIQUE:
      return tlsUnique(connection)
    case TlsChannelBindingType.TLS_SERVER_END_POINT:
      if (connection.serverCertificate === null) throw notAvailable('The server has no certificate.')
      return serverEndPoint(connection.serverCertificate)
    case TlsChannelBindingType.TLS_EXPORTER:
      return tlsExporter(connection)
    default:
      throw new TlsChannelBindingError('NOT_IMPLEMENTED', `There is no channel binding of the type ${String(type)}.`)
  }
}

function tlsUnique({ socket, protocolVersion, isFirstFinishedOurs }: BoundConnection): Buffer {
  if (protocolVersion >= TlsProtocolVersion.TLS_1_3) {
    throw new TlsChannelBindingError('NOT_SUPPORTED', 'The channel binding tls-unique is not defined for TLS 1.3.')
  }
  const finished = isFirstFinishedOurs ? socket.getFinished() : socket.getPeerFinished()
  // Node's types do not say so, but a closed connection gives null.
  if (!finished) throw notAvailable('The connection is closed.')
  return finished
}

function tlsExporter({ socket, protocolVersion }: BoundConnection): Buffer {
  const session = encodedSessionOf(socket)
  if (session === null) throw notAvailable('The connection is closed.')
  // Without it two connections can be made to share what is exported (RFC 9266 section 4.2).
  if (protocolVersion < TlsProtocolVersion.TLS_1_3 && !hasExtendedMasterSecret(session)) {
    throw notAvailable('The connection has no extended master secret.')
  }
  try {
    return socket.exportKeyingMaterial(EXPORTER_LENGTH, EXPORTER_LABEL, Buffer.alloc(0))
  } catch (cause) {
    throw new TlsChannelBindingError('GENERAL_ERROR', 'OpenSSL did not export the keying material.', { cause })
  }
}

function hasExtendedMasterSecret(session: Buffer): boolean {
  const fields = new DerReader(session).inside(DerTag.SEQUENCE)
  while (!fields.atEnd) {
    const { tag, contents } = fields.element()
    if (tag === SESSION_FLAGS_TAG) {
      return ((new DerReader(contents).integer().at(-1) ?? 0) & SESSION_FLAG_EXTENDED_MASTER_SECRET) !== 0
    }
  }
  return false
}

function notAvailable(message: string): TlsChannelBindingError {
  return new TlsChannelBindingError('NOT_AVAILABLE', message)
}
