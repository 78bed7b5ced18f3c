// A UDP relay in front of another socket that loses, doubles or reorders datagrams as the test says.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** What becomes of one datagram; a held one goes out right after the next that passes the same way. */
export type DatagramFate = 'pass' | 'drop' | 'double' | 'hold'

export type DatagramDirection = 'to-server' | 'to-client'

/** @param index How many datagrams went this way before. */
export type DecideFate = (direction: DatagramDirection, index: number, datagram: Buffer) => DatagramFate

export interface DatagramRelay {
  /** Where clients send to, on 127.0.0.1. */
  readonly port: number
  /** Datagrams that came in, by direction. */
  readonly counts: Readonly<Record<DatagramDirection, number>>
  close(): Promise<void>
}

/** Relays between 127.0.0.1:`targetPort` and one client, the last that sent something; close it yourself. */
export async function startDatagramRelay(targetPort: number, decide: DecideFate): Promise<DatagramRelay> {
  const front = createSocket('udp4')
  const back = createSocket('udp4')
  const counts: Record<DatagramDirection, number> = { 'to-server': 0, 'to-client': 0 }
  let clientPort = 0
  const toServer = lossyWay('to-server', decide, counts, (datagram) => back.send(datagram, targetPort, '127.0.0.1'))
  const toClient = lossyWay('to-client', decide, counts, (datagram) => front.send(datagram, clientPort, '127.0.0.1'))
  front.on('message', (datagram, from) => {
    clientPort = from.port
    toServer(datagram)
  })
  back.on('message', toClient)
  await Promise.all([bind(front), bind(back)])
  return {
    port: front.address().port,
    counts,
    async close() {
      await Promise.all([front, back].map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))))
    },
  }
}

/** Runs `use` with a relay to `targetPort`. */
export async function withDatagramRelay<T>(
  targetPort: number,
  decide: DecideFate,
  use: (relay: DatagramRelay) => Promise<T>,
): Promise<T> {
  const relay = await startDatagramRelay(targetPort, decide)
  try {
    return await use(relay)
  } finally {
    await relay.close()
  }
}

function lossyWay(
  direction: DatagramDirection,
  decide: DecideFate,
  counts: Record<DatagramDirection, number>,
  send: (datagram: Buffer) => void,
): (datagram: Buffer) => void {
  const held: Buffer[] = []
  return (datagram) => {
    const fate = decide(direction, counts[direction]++, datagram)
    if (fate === 'hold') held.push(datagram)
    if (fate === 'hold' || fate === 'drop') return
    send(datagram)
    if (fate === 'double') send(datagram)
    for (const late of held.splice(0)) send(late)
  }
}

async function bind(socket: Socket): Promise<void> {
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
}
