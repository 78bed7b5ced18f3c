// Puts the class around a socket that fits its address. Called by SocketClient and SocketListener.
// Upstream: glib/gio/gsocketconnection.c (g_socket_connection_factory_create_connection).

import type { Socket } from 'node:net'
import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import type { SocketAddress } from '../addresses/socket-address.ts'
import { UnixSocketAddress } from '../addresses/unix-socket-address.ts'
import { SocketConnection } from './socket-connection.ts'
import { TcpConnection } from './tcp-connection.ts'
import { UnixConnection } from './unix-connection.ts'

/** @param remoteAddress Where `socket` is, or is going to be, connected to. */
export function createConnection(socket: Socket, remoteAddress: SocketAddress): SocketConnection {
  if (remoteAddress instanceof InetSocketAddress) return new TcpConnection(socket, remoteAddress)
  if (remoteAddress instanceof UnixSocketAddress) return new UnixConnection(socket, remoteAddress)
  return new SocketConnection(socket, remoteAddress)
}
