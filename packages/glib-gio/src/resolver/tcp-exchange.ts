// One question over TCP, for answers that do not fit into a datagram. Called by DnsClient. RFC 7766, RFC 1035 4.2.2.

import { connect } from 'node:net'
import { IOError } from '../io-error.ts'
import type { DnsServer } from './dns-server.ts'

/**
 * Sends `query` over a connection of its own and gives what `read` makes of the message that comes back, which is at most
 * 64 KiB long by its format.
 *
 * @param signal Ends the exchange; its reason is thrown.
 * @throws A node error such as `ECONNREFUSED`; `IOError` `PARTIAL_INPUT` or `INVALID_DATA` for an answer that is cut off
 *   or is none to this question; what `read` throws.
 */
export function exchangeTcp<T>(
  query: Buffer,
  server: DnsServer,
  read: (message: Buffer) => T | null,
  signal: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port, noDelay: true })
    const chunks: Buffer[] = []
    let received = 0
    const finish = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort)
      socket.removeAllListeners()
      socket.on('error', () => undefined)
      socket.destroy()
      settle()
    }
    const fail = (error: Error): void => finish(() => reject(error))
    const onAbort = (): void => fail(signal.reason as Error)

    socket.on('error', fail)
    socket.on('end', () => fail(new IOError('PARTIAL_INPUT', 'The DNS server closed the connection too early.')))
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      received += chunk.length
      const message = wholeMessage(chunks, received)
      if (!message) return
      let answer: T | null
      try {
        answer = read(message)
      } catch (error) {
        return fail(error as Error)
      }
      if (answer === null) return fail(new IOError('INVALID_DATA', 'The DNS server answered another question.'))
      finish(() => resolve(answer))
    })
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) return onAbort()
    const length = Buffer.alloc(2)
    length.writeUInt16BE(query.length)
    socket.write(Buffer.concat([length, query]))
  })
}

/** The message once all of it is there; the bytes are put together only then. */
function wholeMessage(chunks: Buffer[], received: number): Buffer | null {
  if (received < 2) return null
  if (chunks.length > 1 && (chunks[0] as Buffer).length < 2) chunks.splice(0, 2, Buffer.concat(chunks.slice(0, 2)))
  const length = (chunks[0] as Buffer).readUInt16BE(0)
  return received < length + 2 ? null : Buffer.concat(chunks).subarray(2, length + 2)
}
