// Looks at the first message of a TLS client, and puts it back, to learn the name it asks for before a certificate is chosen.
// The same for every TLS library, none of which lets a certificate be waited for in the same way.
// Called by TlsServerConnection. No counterpart upstream. RFC 8446 sections 4.1.2 and 5.1, RFC 6066 section 3.

import type { Duplex } from 'node:stream'
import { TlsError } from '@wpe-networking/glib-networking-base'
import { IOError } from '../io-error.ts'

/** A client hello is a few hundred bytes, with post-quantum keys two thousand; this is more than any library takes. */
const MAX_HELLO_BYTES = 65_536
const RECORD_HEADER_BYTES = 5
const HANDSHAKE_RECORD = 22
const CLIENT_HELLO = 1
const SERVER_NAME_EXTENSION = 0
const HOST_NAME = 0

/** What is known of a hello so far: `undefined` while bytes are missing; a name; null when there is none to be had. */
export type HelloVerdict = string | null | undefined

/**
 * Waits until the whole client hello is there, and leaves it unread for whoever does the handshake.
 *
 * @returns The host name in lower case, as ASCII; null when the client names none, or does not speak TLS, which is the
 *   handshake's to say.
 * @throws {TlsError} `EOF` when the stream ends before. {IOError} `CANCELLED`, or what happened to the stream.
 */
export async function readServerName(stream: Duplex, signal?: AbortSignal): Promise<string | null> {
  IOError.throwIfCancelled(signal)
  const { promise, resolve, reject } = Promise.withResolvers<string | null>()
  let received: Buffer = Buffer.alloc(0)
  const onData = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const name = serverNameIn(received)
    if (name !== undefined) resolve(name)
    else if (received.length > MAX_HELLO_BYTES) resolve(null)
  }
  const onGone = (): void => reject(new TlsError('EOF', 'The client closed the connection before its TLS handshake.'))
  const onError = (error: Error): void => reject(error)
  const onAbort = (): void => reject(IOError.cancelled(signal))
  stream.on('data', onData).on('end', onGone).on('close', onGone).on('error', onError)
  signal?.addEventListener('abort', onAbort)
  try {
    return await promise
  } finally {
    stream.pause()
    stream.off('data', onData).off('end', onGone).off('close', onGone).off('error', onError)
    signal?.removeEventListener('abort', onAbort)
    if (received.length > 0 && stream.readable) stream.unshift(received)
  }
}

/** The name in what was received so far. Linear in its length; never throws. */
export function serverNameIn(received: Buffer): HelloVerdict {
  if (received.length > 0 && received[0] !== HANDSHAKE_RECORD) return null
  const message = handshakeBytes(received)
  if (message === null) return null
  if (message.length < 4) return undefined
  if (message[0] !== CLIENT_HELLO) return null
  const end = 4 + message.readUIntBE(1, 3)
  if (end > MAX_HELLO_BYTES) return null
  return message.length < end ? undefined : nameInHello(message.subarray(4, end))
}

/** The contents of the records: a hello may be cut into several. Null when one of them is no handshake record. */
function handshakeBytes(received: Buffer): Buffer | null {
  const parts: Buffer[] = []
  let at = 0
  while (at + RECORD_HEADER_BYTES <= received.length) {
    if (received[at] !== HANDSHAKE_RECORD || received[at + 1] !== 3) return null
    const start = at + RECORD_HEADER_BYTES
    const end = start + received.readUInt16BE(at + 3)
    if (end === start) return null
    parts.push(received.subarray(start, end))
    at = end
  }
  return parts.length === 1 ? (parts[0] ?? null) : Buffer.concat(parts)
}

/** Walks over the lists of lengths and values; null as soon as one of them is longer than what holds it. */
function nameInHello(hello: Buffer): string | null {
  try {
    let at = 2 + 32
    at += 1 + hello.readUInt8(at) // session id
    at += 2 + hello.readUInt16BE(at) // cipher suites
    at += 1 + hello.readUInt8(at) // compression methods
    const end = at + 2 + hello.readUInt16BE(at)
    at += 2
    while (at + 4 <= end) {
      const length = hello.readUInt16BE(at + 2)
      if (hello.readUInt16BE(at) === SERVER_NAME_EXTENSION) return nameInList(hello.subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    // A length pointed beyond the end: the library that does the handshake will refuse it.
  }
  return null
}

function nameInList(list: Buffer): string | null {
  if (list.length < 5 || list.readUInt8(2) !== HOST_NAME) return null
  const name = list.subarray(5, 5 + list.readUInt16BE(3)).toString('latin1')
  return /^[\x21-\x7e]{1,255}$/.test(name) ? name.toLowerCase() : null
}
