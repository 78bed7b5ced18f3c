// Points a socket at an address. Called by SocketClient and SocketConnection. Upstream: glib/gio/gsocket.c (g_socket_connect).

import type { Socket } from 'node:net'
import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import type { SocketAddress } from '../addresses/socket-address.ts'
import { UnixSocketAddress } from '../addresses/unix-socket-address.ts'
import { IOError } from '../io-error.ts'

/**
 * Sets `socket` connecting; it emits 'connect' or 'error' later.
 *
 * @param localAddress Where to connect from; port 0 for any.
 * @throws {IOError} `NOT_SUPPORTED` for an address that is neither of the internet nor of a Unix socket.
 */
export function connectSocket(socket: Socket, address: SocketAddress, localAddress?: InetSocketAddress | null): void {
  if (address instanceof UnixSocketAddress) {
    socket.connect({ path: address.path })
  } else if (address instanceof InetSocketAddress) {
    socket.connect({
      host: address.address.toString(),
      port: address.port,
      autoSelectFamily: false, // the address is given; racing is done by ConnectOperation
      ...(localAddress && { localAddress: localAddress.address.toString(), localPort: localAddress.port }),
    })
  } else {
    throw new IOError('NOT_SUPPORTED', 'This kind of address cannot be connected to.')
  }
}
