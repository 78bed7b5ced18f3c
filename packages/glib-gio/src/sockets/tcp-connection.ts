// A SocketConnection over TCP. Upstream: glib/gio/gtcpconnection.c.

import { closeStream, SocketConnection } from './socket-connection.ts'

/** Made by `SocketClient` and `SocketListener` for every IPv4 or IPv6 peer. */
export class TcpConnection extends SocketConnection {
  /** Makes {@link TcpConnection.close} wait until the peer has closed too, so that it has read everything. */
  gracefulDisconnect = false

  /**
   * As in {@link SocketConnection.close}. With {@link TcpConnection.gracefulDisconnect} give a `signal`: nothing else
   * ends the wait for a peer that never closes.
   */
  override close(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (!this.gracefulDisconnect) return super.close(options)
    // Reading on is what lets the peer's end of stream arrive; what it still sends is of no interest.
    return closeStream(this.ioStream, options.signal, (stream) => stream.resume())
  }
}
