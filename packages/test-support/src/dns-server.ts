// A DNS server that says what the test wants, to the byte: for failures, forgeries and garbage.

import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { closingAfter, listen, type ListeningServer } from './listening-server.ts'

export type DnsServerProtocol = 'udp' | 'tcp'

/** Messages to send back, without the length that goes before each over TCP; none for silence. */
export type AnswerDnsQuery = (query: Buffer, protocol: DnsServerProtocol) => readonly Buffer[] | Buffer | null

export interface RawDnsServer {
  /** On 127.0.0.1, for both protocols. */
  readonly port: number
  /** Which protocol each query came over, in order. */
  readonly protocols: readonly DnsServerProtocol[]
  close(): Promise<void>
}

const MAX_TRIES = 20

/** Close it yourself. */
export async function startDnsServer(answer: AnswerDnsQuery): Promise<RawDnsServer> {
  const protocols: DnsServerProtocol[] = []
  const ask = (query: Buffer, protocol: DnsServerProtocol): readonly Buffer[] => {
    protocols.push(protocol)
    const given = answer(query, protocol) ?? []
    return Array.isArray(given) ? (given as readonly Buffer[]) : [given as Buffer]
  }
  const { tcp, udp } = await bindBoth((socket) => onConnection(socket, ask))
  udp.on('message', (query, from) => {
    for (const message of ask(query, 'udp')) udp.send(message, from.port, from.address)
  })
  return {
    port: tcp.port,
    protocols,
    async close() {
      await Promise.all([tcp.close(), new Promise<void>((resolve) => udp.close(() => resolve()))])
    },
  }
}

/** Runs `use` with such a server. */
export async function withDnsServer<T>(answer: AnswerDnsQuery, use: (server: RawDnsServer) => Promise<T>): Promise<T> {
  return await closingAfter(startDnsServer(answer), use)
}

/** The port that TCP was given may be somebody's over UDP. */
async function bindBoth(onSocket: (socket: Socket) => void): Promise<{ tcp: ListeningServer; udp: DatagramSocket }> {
  for (let tries = 1; ; tries++) {
    const tcp = await listen(createServer(onSocket), 'dns')
    const udp = createSocket('udp4')
    try {
      udp.bind(tcp.port, '127.0.0.1')
      await once(udp, 'listening')
      return { tcp, udp }
    } catch (error) {
      udp.close()
      await tcp.close()
      if (tries === MAX_TRIES) throw error
    }
  }
}

function onConnection(socket: Socket, ask: (query: Buffer, protocol: DnsServerProtocol) => readonly Buffer[]): void {
  let buffered = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk])
    while (buffered.length >= 2 && buffered.length >= buffered.readUInt16BE(0) + 2) {
      const end = buffered.readUInt16BE(0) + 2
      for (const message of ask(buffered.subarray(2, end), 'tcp')) {
        const length = Buffer.alloc(2)
        length.writeUInt16BE(message.length)
        socket.write(Buffer.concat([length, message]))
      }
      buffered = buffered.subarray(end)
    }
  })
}
