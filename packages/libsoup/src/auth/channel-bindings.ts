// What ties an authentication to the TLS connection a message goes over, for the schemes that can. RFC 5929.

import { TlsChannelBindingError, TlsChannelBindingType } from '@wpe-networking/glib-gio'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'

/**
 * The hash of the server's certificate, binding type `tls-server-end-point`; null without TLS, and where the certificate
 * has none. For the server of `message` only: a proxy sees another TLS connection, or none.
 *
 * @throws {TlsChannelBindingError} `GENERAL_ERROR` when the TLS library fails.
 */
export function serverEndPointBinding(message: Message): Buffer | null {
  const tls = messageState(message).connection?.tls ?? null
  if (tls === null) return null
  try {
    return tls.getChannelBindingData(TlsChannelBindingType.TLS_SERVER_END_POINT)
  } catch (error) {
    if (error instanceof TlsChannelBindingError && error.code !== 'GENERAL_ERROR') return null
    throw error
  }
}
