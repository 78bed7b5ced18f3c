// A server whose queue of connections is full and stays so: to whoever connects it looks like a host that drops packets.
// Linux leaves a SYN unanswered then, so connecting neither succeeds nor fails.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

export interface UnacceptingServer {
  /** The port on 127.0.0.1 that takes no connection. */
  readonly port: number
  /** Stops listening and closes the connections that fill the queue. */
  close(): Promise<void>
}

/** The queue holds one connection more than this. */
const BACKLOG = 1

// A thread of its own, because the event loop that would accept has to stand still.
const LISTEN_AND_STAND_STILL = `
const { createServer } = require('node:net')
const { parentPort, workerData } = require('node:worker_threads')
const server = createServer().listen({ host: '127.0.0.1', port: 0, backlog: ${BACKLOG} }, () => {
  parentPort.postMessage(server.address().port)
  Atomics.wait(workerData, 0, 0)
})`

/** Starts it; close it yourself. */
export async function startUnacceptingServer(): Promise<UnacceptingServer> {
  const isOver = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(LISTEN_AND_STAND_STILL, { eval: true, workerData: isOver })
  const [port] = (await once(worker, 'message')) as [number]
  const queue: Socket[] = []
  for (let count = 0; count <= BACKLOG; count++) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.on('error', () => undefined) // Reset when the server goes.
    queue.push(socket)
  }
  return {
    port,
    async close() {
      for (const socket of queue) socket.destroy()
      Atomics.store(isOver, 0, 1)
      Atomics.notify(isOver, 0)
      await worker.terminate()
    },
  }
}
