// Which connections a message may share with others. Called by ConnectionManager and Transport.

import type { TlsCertificate, TlsCertificateFlags } from '@wpe-networking/glib-gio'
import { askListeners } from '../message/ask-listeners.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import type { MessageQueueItem } from '../session/message-queue-item.ts'

let lastCertificateNumber = 0
const certificateNumbers = new WeakMap<object, number>()

/**
 * Messages of one key share connections: scheme, host and port, the isolation key, and the client certificate to be
 * shown. The first alone for nearly all messages, as the string that their target has ready.
 */
export function connectionKey(message: Message): string {
  const state = messageState(message)
  const { target } = state
  const certificate = state.tlsClientCertificate === null ? null : state.clientCertificateFor(target)
  if (message.isolationKey === null && certificate === null) return target.hostKey
  const isolation = message.isolationKey === null ? '' : ` ${message.isolationKey}`
  return `${target.hostKey} ${certificate === null ? 0 : numberOf(certificate)}${isolation}`
}

/** Whether the message of `item` cannot go over HTTP/2, which has neither upgrades nor tunnels of this kind. */
export function needsHttp1(item: MessageQueueItem): boolean {
  return item.message.forceHttp1 || item.upgradeProtocol !== null || item.message.method === 'CONNECT'
}

/** Whether the caller takes a certificate that failed the checks in `errors`. */
export function acceptsCertificate(
  message: Message,
  certificate: TlsCertificate,
  errors: TlsCertificateFlags,
): boolean {
  // A promise is too late: the handshake cannot wait for it.
  const isAccepted = askListeners(message, 'accept-certificate', certificate, errors) === true
  return isAccepted || (message.acceptCertificate?.(certificate, errors) ?? false)
}

function numberOf(certificate: object): number {
  let number = certificateNumbers.get(certificate)
  if (number === undefined) certificateNumbers.set(certificate, (number = ++lastCertificateNumber))
  return number
}
