// Everything a Server listens on. Made by Server, once. Upstream: the listeners of libsoup/server/soup-server.c

import { InetAddress, type InetSocketAddress, type SocketFamily, type Uri } from '@wpe-networking/glib-gio'
import type { SocketConnection, SocketListener } from '@wpe-networking/glib-gio'
import { listenOnBothFamilies, ServerListener } from './server-listener.ts'
import type { ServerListenOptions } from './server-options.ts'

/** Called for each connection that was accepted. */
export type ConnectionAccepted = (connection: SocketConnection, isHttps: boolean) => void

/** Listeners in the order of listening. */
export class ServerListeners {
  readonly #accepted: ConnectionAccepted
  readonly #open: ServerListener[] = []

  constructor(accepted: ConnectionAccepted) {
    this.#accepted = accepted
  }

  get uris(): Uri[] {
    return this.#open.map(({ uri }) => uri)
  }

  get addresses(): readonly InetSocketAddress[] {
    return this.#open.map(({ address }) => address)
  }

  get sockets(): readonly SocketListener[] {
    return this.#open.map(({ listener }) => listener)
  }

  /** Throws gio's `IOError`, as the others that listen. */
  async listen(address: InetSocketAddress, isHttps: boolean): Promise<void> {
    this.#open.push(await ServerListener.open(address, isHttps, this.#accepted))
  }

  async listenLocal(port: number, isHttps: boolean, options: ServerListenOptions): Promise<void> {
    await this.#listenOnBoth((family) => InetAddress.loopback(family), port, isHttps, options)
  }

  async listenAll(port: number, isHttps: boolean, options: ServerListenOptions): Promise<void> {
    await this.#listenOnBoth((family) => InetAddress.any(family), port, isHttps, options)
  }

  /** Stops listening, everywhere. */
  close(): void {
    for (const listener of this.#open.splice(0)) listener.close()
  }

  async #listenOnBoth(
    addressOf: (family: SocketFamily) => InetAddress,
    port: number,
    isHttps: boolean,
    options: ServerListenOptions,
  ): Promise<void> {
    const open = (address: InetSocketAddress): Promise<ServerListener> =>
      ServerListener.open(address, isHttps, this.#accepted)
    this.#open.push(...(await listenOnBothFamilies(addressOf, port, options, open)))
  }
}
