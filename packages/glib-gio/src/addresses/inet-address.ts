// An IPv4 or IPv6 address. Made by Resolver and InetSocketAddress. Upstream: glib/gio/ginetaddress.c.

import { isIP, isIPv4 } from 'node:net'
import { IOError } from '../io-error.ts'
import { ipv4Bytes, ipv6Bytes, ipv6Text } from './ip-text.ts'
import { SocketFamily } from './socket-family.ts'

/** Immutable. Its bytes are only worked out when asked for, since most addresses are only handed to `connect`. */
export class InetAddress {
  readonly family: typeof SocketFamily.IPV4 | typeof SocketFamily.IPV6
  /** The interface a link-local IPv6 address belongs to ('eth0', '2'), or '' when there is none. */
  readonly scopeId: string
  /** The traffic class and flow label of IPv6 packets. Node cannot send it; it is kept and compared only. */
  readonly flowinfo: number
  readonly #text: string
  #bytes: Uint8Array | undefined

  private constructor(text: string, bytes?: Uint8Array, flowinfo = 0) {
    const percent = text.indexOf('%')
    this.family = isIPv4(text) ? SocketFamily.IPV4 : SocketFamily.IPV6
    this.scopeId = percent < 0 ? '' : text.slice(percent + 1)
    this.#text = percent < 0 ? text : text.slice(0, percent)
    this.#bytes = bytes
    this.flowinfo = flowinfo
  }

  /** null when `text` is no address; short forms such as '127.1' are none. A zone ('fe80::1%eth0') is taken. */
  static fromString(text: string): InetAddress | null {
    return isIP(text) === 0 ? null : new InetAddress(text)
  }

  /** @throws {IOError} `INVALID_ARGUMENT` unless there are 4 or 16 bytes. */
  static fromBytes(bytes: Uint8Array): InetAddress {
    if (bytes.length !== 4 && bytes.length !== 16) {
      throw new IOError('INVALID_ARGUMENT', 'An IP address has 4 or 16 bytes.')
    }
    const own = Uint8Array.from(bytes)
    return new InetAddress(own.length === 4 ? own.join('.') : ipv6Text(own), own)
  }

  /**
   * An IPv6 address with its zone ('eth0', or '' for none) and flow information.
   *
   * @throws {IOError} `INVALID_ARGUMENT` unless there are 16 bytes, the zone is a name or number of an interface, and
   *   `flowinfo` is a 32-bit number.
   */
  static fromBytesWithIpv6Info(bytes: Uint8Array, scopeId: string, flowinfo = 0): InetAddress {
    const address = InetAddress.fromBytes(bytes)
    const isIPv6 = address.family === SocketFamily.IPV6
    if (!isIPv6 || !/^[A-Za-z0-9._:@-]{0,15}$/.test(scopeId) || !(flowinfo >>> 0 === flowinfo)) {
      throw new IOError('INVALID_ARGUMENT', 'These do not make an IPv6 address with a zone and flow information.')
    }
    const text = scopeId === '' ? address.#text : `${address.#text}%${scopeId}`
    return new InetAddress(text, address.#ownBytes(), flowinfo)
  }

  /** 127.0.0.1 or ::1. */
  static loopback(family: SocketFamily): InetAddress {
    return new InetAddress(family === SocketFamily.IPV6 ? '::1' : '127.0.0.1')
  }

  /** 0.0.0.0 or ::, which a server listens on to take connections on every address. */
  static any(family: SocketFamily): InetAddress {
    return new InetAddress(family === SocketFamily.IPV6 ? '::' : '0.0.0.0')
  }

  /** The same as {@link InetAddress.toBytes}, as upstream's property. */
  get bytes(): Uint8Array {
    return this.toBytes()
  }

  /** 4 or 16 bytes in network order; a copy. */
  toBytes(): Uint8Array {
    return Uint8Array.from(this.#ownBytes())
  }

  /** In canonical form (RFC 5952); with the zone when there is one. */
  toString(): string {
    const text = this.family === SocketFamily.IPV4 ? this.#text : ipv6Text(this.#ownBytes())
    return this.scopeId === '' ? text : `${text}%${this.scopeId}`
  }

  equal(other: InetAddress): boolean {
    return (
      this.family === other.family &&
      this.scopeId === other.scopeId &&
      this.flowinfo === other.flowinfo &&
      Buffer.compare(this.#ownBytes(), other.#ownBytes()) === 0
    )
  }

  get isAny(): boolean {
    return this.#ownBytes().every((byte) => byte === 0)
  }

  get isLoopback(): boolean {
    const bytes = this.#ownBytes()
    if (this.family === SocketFamily.IPV4) return bytes[0] === 127
    return bytes[15] === 1 && bytes.subarray(0, 15).every((byte) => byte === 0)
  }

  /** 169.254.0.0/16 or fe80::/10. */
  get isLinkLocal(): boolean {
    const [a = 0, b = 0] = this.#ownBytes()
    return this.family === SocketFamily.IPV4 ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80
  }

  /** 10/8, 172.16/12, 192.168/16 or fec0::/10. */
  get isSiteLocal(): boolean {
    const [a = 0, b = 0] = this.#ownBytes()
    if (this.family === SocketFamily.IPV6) return a === 0xfe && (b & 0xc0) === 0xc0
    return a === 10 || (a === 172 && (b & 0xf0) === 16) || (a === 192 && b === 168)
  }

  /** 224.0.0.0/4 or ff00::/8. */
  get isMulticast(): boolean {
    const [a = 0] = this.#ownBytes()
    return this.family === SocketFamily.IPV4 ? (a & 0xf0) === 0xe0 : a === 0xff
  }

  /** Multicast that goes everywhere: 224.0.1.0 to 238.255.255.255, or ff?e::/16. */
  get isMcGlobal(): boolean {
    const [a = 0, b = 0, c = 0] = this.#ownBytes()
    if (this.family === SocketFamily.IPV6) return this.#hasMulticastScope(0xe)
    return a >= 224 && a <= 238 && !(a === 224 && b === 0 && c === 0)
  }

  /** Multicast within one network: 224.0.0.0/24 or ff?2::/16. */
  get isMcLinkLocal(): boolean {
    const [a = 0, b = 0, c = 0] = this.#ownBytes()
    return this.family === SocketFamily.IPV4 ? a === 224 && b === 0 && c === 0 : this.#hasMulticastScope(2)
  }

  /** Multicast within one machine: ff?1::/16. */
  get isMcNodeLocal(): boolean {
    return this.#hasMulticastScope(1)
  }

  /** Multicast within one organisation: 239.192.0.0/14 or ff?8::/16. */
  get isMcOrgLocal(): boolean {
    const [a = 0, b = 0] = this.#ownBytes()
    return this.family === SocketFamily.IPV4 ? a === 239 && (b & 0xfc) === 192 : this.#hasMulticastScope(8)
  }

  /** Multicast within one site: 239.255.0.0/16 or ff?5::/16. */
  get isMcSiteLocal(): boolean {
    const [a = 0, b = 0] = this.#ownBytes()
    return this.family === SocketFamily.IPV4 ? a === 239 && b === 255 : this.#hasMulticastScope(5)
  }

  /** RFC 4291 section 2.7. */
  #hasMulticastScope(scope: number): boolean {
    const [a = 0, b = 0] = this.#ownBytes()
    return this.family === SocketFamily.IPV6 && a === 0xff && (b & 0x0f) === scope
  }

  #ownBytes(): Uint8Array {
    this.#bytes ??= this.family === SocketFamily.IPV4 ? ipv4Bytes(this.#text) : ipv6Bytes(this.#text)
    return this.#bytes
  }
}
