// What GSS-API and NTLM are told of the TLS connection they run over. Used by both. RFC 5056 section 2.1, RFC 5929
// section 4.

import type { Message } from '../message/message.ts'
import { serverEndPointBinding } from './channel-bindings.ts'

const PREFIX = Buffer.from('tls-server-end-point:', 'latin1')

/**
 * The application data of the channel bindings of `message`'s connection to its server; null without TLS.
 *
 * @throws {TlsChannelBindingError} `GENERAL_ERROR` when the TLS library fails.
 */
export function endPointBindings(message: Message): Buffer | null {
  const hash = serverEndPointBinding(message)
  return hash === null ? null : Buffer.concat([PREFIX, hash])
}
