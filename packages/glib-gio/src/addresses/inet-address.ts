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
  readonly #text: string
  #bytes: Uint8Array | undefined

  private constructor(text: string, bytes?: Uint8Array) {
    const percent = text.indexOf('%')
    this.family = isIPv4(text) ? SocketFamily.IPV4 : SocketFamily.IPV6
    this.scopeId = percent < 0 ? '' : text.slice(percent + 1)
    this.#text = percent < 0 ? text : text.slice(0, percent)
    this.#bytes = bytes
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

  /** 127.0.0.1 or ::1. */
  static loopback(family: SocketFamily): InetAddress {
    return new InetAddress(family === SocketFamily.IPV6 ? '::1' : '127.0.0.1')
  }

  /** 0.0.0.0 or ::, which a server listens on to take connections on every address. */
  static any(family: SocketFamily): InetAddress {
    return new InetAddress(family === SocketFamily.IPV6 ? '::' : '0.0.0.0')
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

  #ownBytes(): Uint8Array {
    this.#bytes ??= this.family === SocketFamily.IPV4 ? ipv4Bytes(this.#text) : ipv6Bytes(this.#text)
    return this.#bytes
  }
}
