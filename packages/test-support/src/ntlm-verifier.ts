// The server's side of NTLMv2, written from the specification and apart from the client it tests: makes a challenge,
// checks the answer to it. Used by ntlm-server.ts. MS-NLMP sections 2.2.1, 3.2.5.1 and 3.3.2.

import { createHash, createHmac, randomBytes } from 'node:crypto'

export interface NtlmUser {
  readonly user: string
  /** Default '': of no domain. */
  readonly domain?: string
  /** MD4 of the password in UTF-16LE, which the hashes of Node do not include. */
  readonly ntHash: Buffer
}

export interface NtlmPolicy {
  readonly users: readonly NtlmUser[]
  /** Name of the domain the server says it belongs to; default `TESTDOMAIN`. */
  readonly domain?: string
  /** Whether the challenge tells the time, upon which clients seal the exchange; default true. */
  readonly timestamp?: boolean
  /** Refuses answers without a MIC; default: where `timestamp` is. */
  readonly requireMic?: boolean
  /** Refuses answers over TLS that do not name it; default true. Wrong ones are always refused. */
  readonly requireChannelBindings?: boolean
}

/** An exchange of which the server has seen the first message. */
export interface NtlmExchange {
  readonly negotiate: Buffer
  readonly challenge: Buffer
  readonly serverChallenge: Buffer
  readonly timestamp: Buffer | null
}

/** The user who proved to be one, or why nobody did. */
export type NtlmVerdict = { readonly user: string } | { readonly refused: string }

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1')
// Unicode, request target, NTLM, always sign, target type domain, extended session security, target info.
const FLAGS = 0x0089_8205
const MIC = { start: 72, end: 88 }
const Av = { domain: 2, dnsComputer: 3, flags: 6, timestamp: 7, channelBindings: 10 }

/** The type of an NTLM message, or 0 for what is none. */
export function ntlmMessageType(message: Buffer): number {
  return message.length >= 12 && message.subarray(0, 8).equals(SIGNATURE) ? message.readUInt32LE(8) : 0
}

export function challengeFor(negotiate: Buffer, policy: NtlmPolicy): NtlmExchange {
  const domain = Buffer.from(policy.domain ?? 'TESTDOMAIN', 'utf16le')
  const serverChallenge = randomBytes(8)
  const timestamp = (policy.timestamp ?? true) ? Buffer.alloc(8) : null
  timestamp?.writeBigUInt64LE((BigInt(Date.now()) + 11_644_473_600_000n) * 10_000n)
  const info = Buffer.concat([
    pair(Av.domain, domain),
    pair(Av.dnsComputer, Buffer.from('server.test', 'utf16le')),
    ...(timestamp === null ? [] : [pair(Av.timestamp, timestamp)]),
    pair(0, Buffer.alloc(0)),
  ])
  const head = Buffer.alloc(56)
  head.set(SIGNATURE)
  head.writeUInt32LE(2, 8)
  writeField(head, 12, domain.length, head.length)
  head.writeUInt32LE(FLAGS, 20)
  head.set(serverChallenge, 24)
  writeField(head, 40, info.length, head.length + domain.length)
  return { negotiate, challenge: Buffer.concat([head, domain, info]), serverChallenge, timestamp }
}

/** Checks the third message. `endPoint` is the hash of the server's certificate, null without TLS. */
export function verifyAnswer(
  answer: Buffer,
  exchange: NtlmExchange,
  policy: NtlmPolicy,
  endPoint: Buffer | null,
): NtlmVerdict {
  if (answer.length < 64) return { refused: 'too short' }
  const [, response, domainName, userName] = [12, 20, 28, 36].map((at) => field(answer, at))
  if (response === undefined || domainName === undefined || userName === undefined) return { refused: 'malformed' }
  const user = userName.toString('utf16le')
  const domain = domainName.toString('utf16le')
  const known = policy.users.find(
    (entry) => entry.user.toLowerCase() === user.toLowerCase() && (entry.domain ?? '') === domain,
  )
  if (known === undefined) return { refused: `unknown user ${JSON.stringify(`${domain}\\${user}`)}` }
  if (response.length < 48) return { refused: 'not NTLMv2' }

  const key = hmac(known.ntHash, Buffer.from(user.toUpperCase() + domain, 'utf16le'))
  const blob = response.subarray(16)
  const proof = hmac(key, exchange.serverChallenge, blob)
  if (!proof.equals(response.subarray(0, 16))) return { refused: 'wrong password' }
  const pairs = readPairs(blob.subarray(28))
  if (pairs === null) return { refused: 'malformed attributes' }
  const refused =
    wrongMic(answer, exchange, hmac(key, proof), pairs, policy) ??
    wrongTime(blob, pairs, exchange) ??
    wrongBindings(pairs, policy, endPoint)
  return refused === null ? { user } : { refused }
}

/** Who seals the exchange also has to take the server's time; others (curl) have a clock of their own. */
function wrongTime(blob: Buffer, pairs: ReadonlyMap<number, Buffer>, { timestamp }: NtlmExchange): string | null {
  if (timestamp === null || !hasMic(pairs)) return null
  return blob.subarray(8, 16).equals(timestamp) ? null : "not the server's time"
}

function hasMic(pairs: ReadonlyMap<number, Buffer>): boolean {
  return ((pairs.get(Av.flags)?.readUInt32LE() ?? 0) & 2) !== 0
}

function wrongMic(
  answer: Buffer,
  { negotiate, challenge }: NtlmExchange,
  sessionKey: Buffer,
  pairs: ReadonlyMap<number, Buffer>,
  policy: NtlmPolicy,
): string | null {
  if (!hasMic(pairs)) return (policy.requireMic ?? policy.timestamp ?? true) ? 'no MIC' : null
  const bare = Buffer.from(answer).fill(0, MIC.start, MIC.end)
  const expected = hmac(sessionKey, negotiate, challenge, bare)
  return expected.equals(answer.subarray(MIC.start, MIC.end)) ? null : 'wrong MIC'
}

function wrongBindings(pairs: ReadonlyMap<number, Buffer>, policy: NtlmPolicy, endPoint: Buffer | null): string | null {
  const given = pairs.get(Av.channelBindings)
  const isNone = given === undefined || given.equals(Buffer.alloc(16))
  if (endPoint === null || isNone) {
    const isMissing = endPoint !== null && (policy.requireChannelBindings ?? true)
    return isMissing ? 'no channel bindings' : isNone ? null : 'channel bindings without TLS'
  }
  const data = Buffer.concat([Buffer.from('tls-server-end-point:'), endPoint])
  const head = Buffer.alloc(20)
  head.writeUInt32LE(data.length, 16)
  const expected = createHash('md5').update(head).update(data).digest()
  return expected.equals(given) ? null : 'channel bindings of another connection'
}

/** The attributes, or null when they are cut off. */
function readPairs(bytes: Buffer): Map<number, Buffer> | null {
  const pairs = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length;) {
    const id = bytes.readUInt16LE(at)
    const end = at + 4 + bytes.readUInt16LE(at + 2)
    if (id === 0) return pairs
    if (end > bytes.length) return null
    pairs.set(id, bytes.subarray(at + 4, end))
    at = end
  }
  return null
}

function field(message: Buffer, at: number): Buffer | undefined {
  const start = message.readUInt32LE(at + 4)
  const end = start + message.readUInt16LE(at)
  return end <= message.length ? message.subarray(start, end) : undefined
}

function writeField(message: Buffer, at: number, length: number, offset: number): void {
  message.writeUInt16LE(length, at)
  message.writeUInt16LE(length, at + 2)
  message.writeUInt32LE(offset, at + 4)
}

function pair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id)
  head.writeUInt16LE(value.length, 2)
  return Buffer.concat([head, value])
}

function hmac(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const sum = createHmac('md5', key)
  for (const part of parts) sum.update(part)
  return sum.digest()
}
