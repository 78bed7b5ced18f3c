// The third message of an NTLM exchange: the proof. Sent by AuthNTLM.
// Upstream: libsoup/auth/soup-auth-ntlm.c (soup_ntlm_response). MS-NLMP sections 2.2.1.3 and 3.1.5.1.2.

import { AV_FLAG_MIC_PRESENT, AvId, findAvPair, writeAvPairs, type AvPair } from './av-pairs.ts'
import type { ChallengeMessage } from './challenge-message.ts'
import { channelBindingsHash } from './channel-bindings-hash.ts'
import { FIELD_BYTES, NTLM_SIGNATURE, writeField } from './ntlm-fields.ts'
import { OFFERED_FLAGS, NtlmFlags } from './ntlm-flags.ts'
import { computeNtlmV2Response, fileTime, hmacMd5, type NtlmIdentity } from './ntlm-v2.ts'

export interface AuthenticateInput {
  readonly identity: NtlmIdentity
  /** The NEGOTIATE_MESSAGE that was sent. */
  readonly negotiate: Buffer
  readonly challenge: ChallengeMessage
  /** GSS-API application data that names the TLS connection, or null without TLS. */
  readonly channelBindings: Buffer | null
  /** Service and host, such as `HTTP/www.example.com`. */
  readonly targetName: string
  /** 8 random bytes. */
  readonly clientChallenge: Buffer
  /** Milliseconds since 1970; the server's own clock goes before it. */
  readonly now: number
}

const TYPE = 3
const LM_RESPONSE_AT = 12
const FLAGS_AT = 60
const MIC_AT = 72 // Behind eight bytes for a version of Windows, which this is not.
const MIC_BYTES = 16
const PAYLOAD_AT = MIC_AT + MIC_BYTES
const NO_LM_RESPONSE = Buffer.alloc(24)
const NO_BINDINGS = Buffer.alloc(16)

/** The AUTHENTICATE_MESSAGE. */
export function writeAuthenticateMessage(input: AuthenticateInput): Buffer {
  const { identity, negotiate, challenge, clientChallenge, now } = input
  const timestamp = findAvPair(challenge.targetInfo, AvId.TIMESTAMP)
  const response = computeNtlmV2Response({
    identity,
    serverChallenge: challenge.serverChallenge,
    clientChallenge,
    time: timestamp?.readBigUInt64LE() ?? fileTime(now),
    targetInfo: writeAvPairs(answeredTargetInfo(input)),
  })
  const message = assemble(challenge.flags, [
    // A server that has a clock is new enough not to look at it.
    timestamp === null ? response.lmChallengeResponse : NO_LM_RESPONSE,
    response.ntChallengeResponse,
    Buffer.from(identity.domain, 'utf16le'),
    Buffer.from(identity.user, 'utf16le'),
    Buffer.alloc(0), // The name of this machine is nobody's business.
    Buffer.alloc(0), // No session key is exchanged.
  ])
  if (timestamp !== null) message.set(hmacMd5(response.sessionBaseKey, negotiate, challenge.bytes, message), MIC_AT)
  return message
}

/** The server's pairs, and what the client has to say about this connection in place of the server. */
function answeredTargetInfo({ challenge, channelBindings, targetName }: AuthenticateInput): AvPair[] {
  const { targetInfo } = challenge
  // A server without pairs would not understand these.
  if (targetInfo.length === 0) return []
  const pairs = targetInfo.filter(
    ({ id }) => id !== AvId.FLAGS && id !== AvId.TARGET_NAME && id !== AvId.CHANNEL_BINDINGS,
  )
  const flags = Buffer.alloc(4)
  flags.set(findAvPair(targetInfo, AvId.FLAGS) ?? [])
  if (findAvPair(targetInfo, AvId.TIMESTAMP) !== null) {
    flags.writeUInt32LE((flags.readUInt32LE() | AV_FLAG_MIC_PRESENT) >>> 0)
  }
  if (flags.readUInt32LE() !== 0) pairs.push({ id: AvId.FLAGS, value: flags })
  pairs.push(
    {
      id: AvId.CHANNEL_BINDINGS,
      value: channelBindings === null ? NO_BINDINGS : channelBindingsHash(channelBindings),
    },
    { id: AvId.TARGET_NAME, value: Buffer.from(targetName, 'utf16le') },
  )
  return pairs
}

/** Puts the six parts behind the fixed one, in the order of their fields. */
function assemble(serverFlags: number, parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(PAYLOAD_AT)
  head.set(NTLM_SIGNATURE)
  head.writeUInt32LE(TYPE, NTLM_SIGNATURE.length)
  head.writeUInt32LE((OFFERED_FLAGS & serverFlags) | (serverFlags & NtlmFlags.TARGET_INFO), FLAGS_AT)
  let offset = PAYLOAD_AT
  parts.forEach((part, index) => {
    writeField(head, LM_RESPONSE_AT + index * FIELD_BYTES, part.length, offset)
    offset += part.length
  })
  return Buffer.concat([head, ...parts])
}
