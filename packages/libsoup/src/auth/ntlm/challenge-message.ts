// The second message of an NTLM exchange, which comes from a server nobody knows yet. Read by AuthNTLM.
// Upstream: libsoup/auth/soup-auth-ntlm.c (soup_ntlm_parse_challenge). MS-NLMP section 2.2.1.2.

import { parseAvPairs, type AvPair } from './av-pairs.ts'
import { NtlmError } from './ntlm-error.ts'
import { NTLM_SIGNATURE, readField } from './ntlm-fields.ts'
import { NtlmFlags } from './ntlm-flags.ts'

export interface ChallengeMessage {
  /** As it came: the MIC covers it. */
  readonly bytes: Buffer
  /** Of {@link NtlmFlags}, and others. */
  readonly flags: number
  /** The domain or machine whose users the server knows; '' when it does not say. */
  readonly targetName: string
  /** 8 bytes. */
  readonly serverChallenge: Buffer
  readonly targetInfo: readonly AvPair[]
}

const TYPE = 2
const TARGET_NAME_AT = 12
const FLAGS_AT = 20
const CHALLENGE_AT = 24
const CHALLENGE_BYTES = 8
const TARGET_INFO_AT = 40
/** Up to the AV pairs' field; what old servers leave out behind the challenge is no part of it. */
const FIXED_BYTES = 32
const FIXED_BYTES_WITH_TARGET_INFO = 48
/** Most bytes of a challenge; Active Directory's have a few hundred. */
const MAX_BYTES = 16_384

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Reads the base64 text of a challenge.
 *
 * @throws {NtlmError} When it is malformed or not in Unicode.
 */
export function parseChallengeMessage(base64: string): ChallengeMessage {
  if (base64.length > MAX_BYTES * 1.5) throw new NtlmError('The NTLM challenge is too long.')
  if (!BASE64.test(base64)) throw new NtlmError('The NTLM challenge is not in base64.')
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > MAX_BYTES) throw new NtlmError('The NTLM challenge is too long.')
  if (bytes.length < FIXED_BYTES || !bytes.subarray(0, NTLM_SIGNATURE.length).equals(NTLM_SIGNATURE)) {
    throw new NtlmError('The NTLM challenge is not an NTLM message.')
  }
  if (bytes.readUInt32LE(NTLM_SIGNATURE.length) !== TYPE) {
    throw new NtlmError('The NTLM message of the server is not a challenge.')
  }
  const flags = bytes.readUInt32LE(FLAGS_AT)
  if ((flags & NtlmFlags.UNICODE) === 0) throw new NtlmError('The NTLM server does not speak Unicode.')
  return {
    bytes,
    flags,
    targetName: parseTargetName(bytes),
    serverChallenge: bytes.subarray(CHALLENGE_AT, CHALLENGE_AT + CHALLENGE_BYTES),
    targetInfo: parseTargetInfo(bytes, flags),
  }
}

function parseTargetName(bytes: Buffer): string {
  const name = readField(bytes, TARGET_NAME_AT, FIXED_BYTES)
  if (name.length % 2 !== 0) throw new NtlmError('The name in the NTLM challenge is not in Unicode.')
  return name.toString('utf16le')
}

function parseTargetInfo(bytes: Buffer, flags: number): AvPair[] {
  if ((flags & NtlmFlags.TARGET_INFO) === 0) return []
  if (bytes.length < FIXED_BYTES_WITH_TARGET_INFO) throw new NtlmError('The NTLM challenge is cut off.')
  const info = readField(bytes, TARGET_INFO_AT, FIXED_BYTES_WITH_TARGET_INFO)
  return info.length === 0 ? [] : parseAvPairs(info)
}
