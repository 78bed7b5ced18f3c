// A SocketConnection over a Unix socket. Upstream: glib/gio/gunixconnection.c.

import { IOError } from '../io-error.ts'
import { SocketConnection } from './socket-connection.ts'

/** Made by `SocketClient` and `SocketListener` for every Unix socket, named by a file or an abstract name. */
export class UnixConnection extends SocketConnection {
  /**
   * Who the peer is (its process, user and group): not to be had, as upstream on systems without it. Node offers neither
   * getsockopt(SO_PEERCRED) nor control messages. Guard the socket's folder by its permissions instead.
   *
   * @throws {IOError} `NOT_SUPPORTED`, always.
   */
  receiveCredentials(): Promise<never> {
    return Promise.reject(noCredentials())
  }

  /** @throws {IOError} `NOT_SUPPORTED`, always; see {@link UnixConnection.receiveCredentials}. */
  sendCredentials(): Promise<never> {
    return Promise.reject(noCredentials())
  }
}

function noCredentials(): IOError {
  return new IOError('NOT_SUPPORTED', 'Node.js cannot tell or ask for the credentials of a Unix socket.')
}
