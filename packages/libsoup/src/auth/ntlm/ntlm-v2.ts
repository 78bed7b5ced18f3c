// The cryptography of NTLMv2: from a password and a challenge to what proves that the one knows the other. Pure: clock and
// random numbers are parameters. NTLMv1 and LM are not here on purpose. MS-NLMP section 3.3.2; HMAC-MD5: RFC 2104.

import { createHmac } from 'node:crypto'
import { md4 } from './md4.ts'

/** Who authenticates. */
export interface NtlmIdentity {
  readonly user: string
  /** '' where `user` says it all, as in `user@example.com`. */
  readonly domain: string
  /** `ntHash` of the password, 16 bytes. */
  readonly ntHash: Buffer
}

export interface NtlmV2Input {
  readonly identity: NtlmIdentity
  /** 8 bytes each. */
  readonly serverChallenge: Buffer
  readonly clientChallenge: Buffer
  /** FILETIME: tenths of a microsecond since 1601. */
  readonly time: bigint
  /** AV pairs in wire form. */
  readonly targetInfo: Buffer
}

export interface NtlmV2Response {
  readonly ntChallengeResponse: Buffer
  readonly lmChallengeResponse: Buffer
  /** Keys the MIC. */
  readonly sessionBaseKey: Buffer
}

const RESPONSE_VERSION = 1
const BLOB_FIXED_BYTES = 28
const BLOB_TRAILER_BYTES = 4
/** Milliseconds from 1601 to 1970. */
const EPOCH_DIFFERENCE_MS = 11_644_473_600_000n
const FILETIMES_PER_MS = 10_000n

/** What NTLM keeps of a password. */
export function ntHash(password: string): Buffer {
  return md4(Buffer.from(password, 'utf16le'))
}

/** `NTOWFv2`: the key that stands for the user. */
export function ntlmV2Key({ user, domain, ntHash: key }: NtlmIdentity): Buffer {
  return hmacMd5(key, Buffer.from(upperCase(user) + domain, 'utf16le'))
}

/** As Windows does it, one UTF-16 unit for one: a sharp s stays what it is. */
function upperCase(name: string): string {
  let upper = ''
  for (let at = 0; at < name.length; at++) {
    const unit = name.charAt(at)
    const changed = unit.toUpperCase()
    upper += changed.length === 1 ? changed : unit
  }
  return upper
}

/** `ComputeResponse` for NTLMv2. */
export function computeNtlmV2Response(input: NtlmV2Input): NtlmV2Response {
  const { identity, serverChallenge, clientChallenge, time, targetInfo } = input
  const key = ntlmV2Key(identity)
  const blob = Buffer.alloc(BLOB_FIXED_BYTES + targetInfo.length + BLOB_TRAILER_BYTES)
  blob.writeUInt8(RESPONSE_VERSION, 0)
  blob.writeUInt8(RESPONSE_VERSION, 1)
  blob.writeBigUInt64LE(time, 8)
  blob.set(clientChallenge, 16)
  blob.set(targetInfo, BLOB_FIXED_BYTES)
  const proof = hmacMd5(key, serverChallenge, blob)
  return {
    ntChallengeResponse: Buffer.concat([proof, blob]),
    lmChallengeResponse: Buffer.concat([hmacMd5(key, serverChallenge, clientChallenge), clientChallenge]),
    sessionBaseKey: hmacMd5(key, proof),
  }
}

/** Milliseconds since 1970 as a FILETIME. */
export function fileTime(epochMs: number): bigint {
  return (BigInt(Math.floor(epochMs)) + EPOCH_DIFFERENCE_MS) * FILETIMES_PER_MS
}

/** HMAC-MD5 of the parts put together. */
export function hmacMd5(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const hmac = createHmac('md5', key)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}
