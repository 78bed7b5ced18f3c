// A UDP port on which DTLS clients come in: tells them apart by address, and keeps nothing of those that show no cookie.
// Upstream: none, GIO leaves it to the application. RFC 6347 sections 4.2.1 and 4.2.8.

import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { DatagramQueue } from '@wpe-networking/glib-networking-base'
import type {
  DatagramBased,
  DatagramReceiver,
  DtlsAcceptedCookie,
  DtlsCookieExchange,
} from '@wpe-networking/glib-networking-base'
import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import { SocketFamily } from '../addresses/socket-family.ts'
import { IOError } from '../io-error.ts'

/** The signals of a listener. */
export interface DtlsListenerEvents {
  /** A client has proved its address. Make a `DtlsServerConnection` of it with the cookie, or close it. */
  incoming: [client: DtlsClientDatagrams, cookie: DtlsAcceptedCookie]
  /** The port failed for good; every client is closed. */
  error: [error: IOError]
}

export interface DtlsListenerOptions {
  /** Clients at a time; those beyond get no answer. Default 1024. */
  readonly maximumClients?: number | undefined
}

const DEFAULT_MAXIMUM_CLIENTS = 1024

/** The datagrams of one client; closing it forgets the client. */
export class DtlsClientDatagrams implements DatagramBased {
  readonly remoteAddress: InetSocketAddress
  readonly #send: (datagram: Uint8Array) => void
  readonly #forget: (client: DtlsClientDatagrams) => void
  readonly #queue = new DatagramQueue()

  /** Made by {@link DtlsListener} alone. */
  constructor(
    remoteAddress: InetSocketAddress,
    send: (datagram: Uint8Array) => void,
    forget: (client: DtlsClientDatagrams) => void,
  ) {
    this.remoteAddress = remoteAddress
    this.#send = send
    this.#forget = forget
  }

  send(datagram: Uint8Array): void {
    if (!this.#queue.closed) this.#send(datagram)
  }

  receive(receiver: DatagramReceiver): void {
    this.#queue.receive(receiver)
  }

  close(): void {
    this.#forget(this)
    this.#queue.close()
  }

  /** @internal For the listener. */
  deliver(datagram: Buffer): void {
    this.#queue.deliver(datagram)
  }
}

export class DtlsListener extends EventEmitter<DtlsListenerEvents> {
  readonly localAddress: InetSocketAddress
  readonly #socket: Socket
  readonly #cookies: DtlsCookieExchange
  readonly #maximumClients: number
  readonly #clients = new Map<string, DtlsClientDatagrams>()
  #closed = false

  private constructor(socket: Socket, local: InetSocketAddress, cookies: DtlsCookieExchange, maximumClients: number) {
    super()
    this.#socket = socket
    this.localAddress = local
    this.#cookies = cookies
    this.#maximumClients = maximumClients
    socket.on('message', (datagram, from) => this.#onDatagram(datagram, from))
    socket.on('error', (error) => this.#fail(error))
  }

  /**
   * Listens on `address`, port 0 for a free one.
   *
   * @param cookies Of the backend that is to do the handshakes: `backend.dtls.createCookieExchange()`.
   * @throws {IOError} `ADDRESS_IN_USE`, `PERMISSION_DENIED`, …
   */
  static async listen(
    address: InetSocketAddress,
    cookies: DtlsCookieExchange,
    options: DtlsListenerOptions = {},
  ): Promise<DtlsListener> {
    const socket = createSocket(address.family === SocketFamily.IPV6 ? 'udp6' : 'udp4')
    try {
      socket.bind(address.port, address.address.toString())
      await once(socket, 'listening')
    } catch (error) {
      socket.close()
      throw IOError.fromNode(error, `Could not listen on ${address.toString()}`)
    }
    const local = new InetSocketAddress(address.address, socket.address().port)
    return new DtlsListener(socket, local, cookies, options.maximumClients ?? DEFAULT_MAXIMUM_CLIENTS)
  }

  /** How many clients there are. */
  get clients(): number {
    return this.#clients.size
  }

  /** Stops listening and closes every client; idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const client of this.#clients.values()) client.close()
    this.#socket.close()
  }

  #onDatagram(datagram: Buffer, from: RemoteInfo): void {
    const name = `${from.address} ${from.port}`
    const client = this.#clients.get(name)
    if (client) client.deliver(datagram)
    else if (this.#clients.size < this.#maximumClients) this.#meet(datagram, from, name)
  }

  #meet(datagram: Buffer, from: RemoteInfo, name: string): void {
    const send = (reply: Uint8Array): void => this.#sendTo(reply, from)
    const cookie = this.#cookies.accept(datagram, Buffer.from(name, 'latin1'), send)
    const remoteAddress = cookie && InetSocketAddress.fromString(from.address, from.port)
    if (!remoteAddress) return
    const client = new DtlsClientDatagrams(remoteAddress, send, (gone) => {
      if (this.#clients.get(name) === gone) this.#clients.delete(name)
    })
    this.#clients.set(name, client)
    client.deliver(datagram)
    if (!this.emit('incoming', client, cookie)) client.close() // nobody would ever forget it
  }

  #sendTo(datagram: Uint8Array, to: RemoteInfo): void {
    if (this.#closed) return
    // One client that cannot be reached is no failure of the port; its handshake or its user will time out.
    this.#socket.send(datagram, to.port, to.address, () => undefined)
  }

  #fail(error: Error): void {
    this.close()
    this.emit('error', IOError.fromNode(error, `Listening on ${this.localAddress.toString()} failed`))
  }
}
