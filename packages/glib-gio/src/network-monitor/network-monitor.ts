// Tells whether there is a network, and when that changes. Upstream: glib/gio/gnetworkmonitor.c, gnetworkmonitorbase.c.

import { EventEmitter } from 'node:events'
import { BlockList } from 'node:net'
import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import type { SocketAddress } from '../addresses/socket-address.ts'
import type { SocketConnectable } from '../addresses/socket-connectable.ts'
import { SocketFamily } from '../addresses/socket-family.ts'
import { NetworkConnectivity } from './network-connectivity.ts'
import { ownNetworks, readRoutes } from './routes.ts'
import type { Network } from './routes.ts'

/** The signals of a {@link NetworkMonitor}. */
export interface NetworkMonitorEvents {
  /** A network came or went. It may be that nothing changed for you: ask `canReach` about what matters. */
  'network-changed': [networkAvailable: boolean]
}

export interface NetworkMonitorOptions {
  /** Seconds between two looks at the routes while somebody listens; default 2. */
  readonly interval?: number
}

const DEFAULT_INTERVAL_S = 2

/**
 * Every property is the state of this moment. Only while 'network-changed' has a listener is there a timer, which does not
 * keep the process alive.
 */
export class NetworkMonitor extends EventEmitter<NetworkMonitorEvents> {
  static #default: NetworkMonitor | undefined
  readonly #intervalMs: number
  #timer: NodeJS.Timeout | undefined
  #known = ''

  constructor(options: NetworkMonitorOptions = {}) {
    super()
    this.#intervalMs = (options.interval ?? DEFAULT_INTERVAL_S) * 1000
    this.on('newListener', (event) => {
      if (event === 'network-changed') this.#watch()
    })
    this.on('removeListener', (event) => {
      if (event === 'network-changed' && this.listenerCount('network-changed') === 0) this.#stopWatching()
    })
  }

  /** The monitor of this process. */
  static getDefault(): NetworkMonitor {
    return (NetworkMonitor.#default ??= new NetworkMonitor())
  }

  /** Whether there is a default route, for IPv4 or for IPv6. That does not mean that anybody answers at its end. */
  get networkAvailable(): boolean {
    return hasDefaultRoute(readRoutes())
  }

  /** Whether traffic costs: always false, since the kernel does not know. */
  get networkMetered(): boolean {
    return false
  }

  /** `FULL` with a default route, else `LOCAL`. */
  get connectivity(): NetworkConnectivity {
    return this.networkAvailable ? NetworkConnectivity.FULL : NetworkConnectivity.LOCAL
  }

  /**
   * Whether some route leads to one of the addresses of `connectable`; nothing is sent there. Unix sockets need none.
   *
   * @throws {ResolverError} The name has no address. @throws {IOError} `CANCELLED`.
   */
  async canReach(connectable: SocketConnectable, options: { signal?: AbortSignal | undefined } = {}): Promise<boolean> {
    const networks = [...ownNetworks(), ...readRoutes()]
    const reachable = { ipv4: blockListOf(networks, 'ipv4'), ipv6: blockListOf(networks, 'ipv6') }
    const enumerator = connectable.enumerate()
    for (;;) {
      const address = await enumerator.next(options)
      if (address === null) return false
      if (isWithin(reachable, address)) return true
    }
  }

  #watch(): void {
    if (this.#timer) return
    this.#known = signatureOf(readRoutes())
    this.#timer = setInterval(() => this.#look(), this.#intervalMs)
    this.#timer.unref()
  }

  #stopWatching(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const routes = readRoutes()
    const signature = signatureOf(routes)
    if (signature === this.#known) return
    this.#known = signature
    this.emit('network-changed', hasDefaultRoute(routes))
  }
}

const hasDefaultRoute = (routes: readonly Network[]): boolean => routes.some((network) => network.endsWith('/0'))

const signatureOf = (routes: readonly Network[]): string => [...routes].sort().join(' ')

type Family = 'ipv4' | 'ipv6'

function isWithin(networks: Readonly<Record<Family, BlockList>>, address: SocketAddress): boolean {
  if (!(address instanceof InetSocketAddress)) return address.family === SocketFamily.UNIX
  const family: Family = address.family === SocketFamily.IPV6 ? 'ipv6' : 'ipv4'
  return networks[family].check(address.address.toString().replace(/%.*$/, ''), family)
}

/** One for each family, because a BlockList counts every IPv4 address to ::/0. */
function blockListOf(networks: readonly Network[], family: Family): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/')
    if (address.includes(':') === (family === 'ipv6')) list.addSubnet(address, Number(prefix), family)
  }
  return list
}
