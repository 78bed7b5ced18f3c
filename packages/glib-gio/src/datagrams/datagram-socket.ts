// A UDP socket connected to one address. Used below DtlsClientConnection.
// Upstream: glib/gio/gsocket.c with G_SOCKET_TYPE_DATAGRAM, as a GDatagramBased.

import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { DatagramQueue } from '@wpe-networking/glib-networking-base'
import type { DatagramBased, DatagramReceiver } from '@wpe-networking/glib-networking-base'
import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import { SocketFamily } from '../addresses/socket-family.ts'
import { IOError } from '../io-error.ts'

/** Close it when done; until then it keeps the process alive. */
export class DatagramSocket implements DatagramBased {
  /** Where datagrams go to, and the only place they are taken from. */
  readonly remoteAddress: InetSocketAddress
  readonly localAddress: InetSocketAddress
  readonly #socket: Socket
  readonly #queue = new DatagramQueue()

  private constructor(socket: Socket, remoteAddress: InetSocketAddress) {
    this.#socket = socket
    this.remoteAddress = remoteAddress
    const { address, port } = socket.address()
    this.localAddress = InetSocketAddress.fromString(address, port) ?? remoteAddress
    socket.on('message', (datagram) => this.#queue.deliver(datagram))
    socket.on('error', (error) => this.#fail(error))
  }

  /**
   * A socket that exchanges datagrams with `remoteAddress` alone. Nothing is sent yet.
   *
   * @throws {IOError} `CANCELLED`, `NETWORK_UNREACHABLE`, `PERMISSION_DENIED`, …
   */
  static async connect(
    remoteAddress: InetSocketAddress,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<DatagramSocket> {
    IOError.throwIfCancelled(options.signal)
    const socket = createSocket(remoteAddress.family === SocketFamily.IPV6 ? 'udp6' : 'udp4')
    try {
      socket.connect(remoteAddress.port, remoteAddress.address.toString())
      await once(socket, 'connect', { signal: options.signal })
    } catch (error) {
      socket.close()
      throw IOError.fromNode(error, `Could not reach ${remoteAddress.toString()}`)
    }
    return new DatagramSocket(socket, remoteAddress)
  }

  send(datagram: Uint8Array): void {
    if (this.#queue.closed) return
    this.#socket.send(datagram, (error) => {
      if (error) this.#fail(error)
    })
  }

  receive(receiver: DatagramReceiver): void {
    this.#queue.receive(receiver)
  }

  close(): void {
    this.#close(null)
  }

  /** A refusal comes as an ICMP message: nobody listens there. */
  #fail(error: Error): void {
    this.#close(IOError.fromNode(error, `The exchange with ${this.remoteAddress.toString()} failed`))
  }

  #close(error: IOError | null): void {
    if (this.#queue.closed) return
    this.#socket.close()
    this.#queue.close(error)
  }
}
