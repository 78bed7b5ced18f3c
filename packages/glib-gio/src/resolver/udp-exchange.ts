// One question over UDP. Called by DnsClient. RFC 1035 section 4.2.1, RFC 5452 (answers that others forge).

import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { IOError } from '../io-error.ts'
import type { DnsServer } from './dns-server.ts'

/**
 * Datagrams from the server's address that answer something else, after which somebody is seen to guess: with 16 bits of
 * id and 15 of port, this many guesses are worth nothing (RFC 5452 section 9.3 wants such a limit).
 */
const MAX_STRAYS = 64

/**
 * Sends `query` from a port of its own and gives what `read` makes of the first datagram it knows as the answer. The
 * kernel picks the port at random and takes datagrams from `server` alone.
 *
 * @param read Null for a datagram that answers another question, which is dropped; what it throws is the result.
 * @param signal Ends the exchange; so has to do what is to happen after a time. Its reason is thrown.
 * @throws A node error such as `ECONNREFUSED`; `IOError` `INVALID_DATA` when someone seems to guess.
 */
export function exchangeUdp<T>(
  query: Buffer,
  server: DnsServer,
  read: (datagram: Buffer) => T | null,
  signal: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4')
    let strays = 0
    let finished = false
    const finish = (settle: () => void): void => {
      if (finished) return // what was being sent fails because the socket is closed
      finished = true
      signal.removeEventListener('abort', onAbort)
      // Node's own listeners stay: one of them closes a socket that is not bound yet. Nor does anybody want to hear of an
      // ICMP error that is still on its way when the answer has come.
      socket
        .off('message', onMessage)
        .off('error', fail)
        .on('error', () => undefined)
      socket.close()
      settle()
    }
    const fail = (error: Error): void => finish(() => reject(error))
    const onAbort = (): void => fail(signal.reason as Error)

    const onMessage = (datagram: Buffer): void => {
      let answer: T | null
      try {
        answer = read(datagram)
      } catch (error) {
        return fail(error as Error)
      }
      if (answer !== null) return finish(() => resolve(answer))
      if (++strays >= MAX_STRAYS) fail(new IOError('INVALID_DATA', 'Too many DNS answers to questions nobody asked.'))
    }
    socket.on('error', fail).on('message', onMessage)
    socket.on('connect', () => finished || socket.send(query, (error) => error && fail(error)))
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) return onAbort()
    socket.connect(server.port, server.address)
  })
}
