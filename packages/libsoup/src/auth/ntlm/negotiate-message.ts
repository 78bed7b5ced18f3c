// The first message of an NTLM exchange: what this client speaks. It says nothing about the user or the machine.
// Sent by AuthNTLM. Upstream: libsoup/auth/soup-auth-ntlm.c (soup_ntlm_request). MS-NLMP section 2.2.1.1.

import { FIELD_BYTES, NTLM_SIGNATURE, writeField } from './ntlm-fields.ts'
import { OFFERED_FLAGS } from './ntlm-flags.ts'

const TYPE = 1
const FLAGS_AT = 12
const DOMAIN_AT = 16
const WORKSTATION_AT = DOMAIN_AT + FIELD_BYTES
const SIZE = WORKSTATION_AT + FIELD_BYTES

/** The NEGOTIATE_MESSAGE, which is always the same. */
export function writeNegotiateMessage(): Buffer {
  const message = Buffer.alloc(SIZE)
  message.set(NTLM_SIGNATURE)
  message.writeUInt32LE(TYPE, NTLM_SIGNATURE.length)
  message.writeUInt32LE(OFFERED_FLAGS, FLAGS_AT)
  writeField(message, DOMAIN_AT, 0, SIZE)
  writeField(message, WORKSTATION_AT, 0, SIZE)
  return message
}
