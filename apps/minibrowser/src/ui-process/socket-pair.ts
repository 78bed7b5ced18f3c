// A pair of connected sockets, one end for each of two processes, so that they talk without the UIProcess in between.
// Upstream: WebKit/Platform/IPC/unix/ConnectionUnix.cpp (createPlatformConnection), which calls socketpair(2); Node has
// no such call, so the pair is made by connecting to a socket that exists for that moment only.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SocketPair {
  /** Neither end has been read from; both must be handed on or destroyed by the caller. */
  readonly first: Socket
  readonly second: Socket
}

/**
 * Connects two Unix sockets in a directory only this user can enter, and removes it again before returning.
 *
 * @throws the system's own error when the temporary directory cannot hold a socket.
 */
export async function createSocketPair(): Promise<SocketPair> {
  const directory = await mkdtemp(join(tmpdir(), 'wpe-networking-'))
  const server = createServer({ pauseOnConnect: true })
  try {
    const path = join(directory, 'socket')
    server.listen(path)
    await once(server, 'listening')
    const second = connect(path)
    // Reading would take the bytes out of the descriptor before its new owner has it.
    second.pause()
    const [[first]] = (await Promise.all([once(server, 'connection'), once(second, 'connect')])) as [[Socket], unknown]
    return { first, second }
  } finally {
    server.close()
    await rm(directory, { recursive: true, force: true })
  }
}
