// The address of a Unix domain socket. Upstream: glib/gio/gunixsocketaddress.c. unix(7).

import { IOError } from '../io-error.ts'
import { SocketAddress } from './socket-address.ts'
import { SocketFamily } from './socket-family.ts'

/** The values are upstream's. */
export const UnixSocketAddressType = { INVALID: 0, ANONYMOUS: 1, PATH: 2, ABSTRACT: 3, ABSTRACT_PADDED: 4 } as const
export type UnixSocketAddressType = (typeof UnixSocketAddressType)[keyof typeof UnixSocketAddressType]

/** `sun_path` has 108 bytes on Linux: a path and the NUL behind it, or a NUL and an abstract name. */
const MAX_LENGTH = 107

/** Immutable. */
export class UnixSocketAddress extends SocketAddress {
  readonly family = SocketFamily.UNIX
  /** As `net.connect` takes it: an abstract name has a NUL before it. '' for the unnamed end of a connection. */
  readonly path: string
  readonly addressType: UnixSocketAddressType

  /**
   * @param path A file; with a leading NUL, one of Linux's abstract names.
   * @throws {IOError} `INVALID_ARGUMENT` for a path of more than 107 bytes, or with a NUL inside.
   */
  constructor(path: string, type: UnixSocketAddressType = typeOf(path)) {
    super()
    const name = path.startsWith('\0') ? path.slice(1) : path
    const length = Buffer.byteLength(name)
    if (length > MAX_LENGTH) {
      throw new IOError('INVALID_ARGUMENT', `The path of a Unix socket has at most ${MAX_LENGTH} bytes.`)
    }
    if (type === UnixSocketAddressType.PATH && path.includes('\0')) {
      throw new IOError('INVALID_ARGUMENT', 'The path of a Unix socket cannot hold a NUL.')
    }
    this.addressType = type
    this.path = path
  }

  /**
   * Makes an address of a stated type.
   *
   * @param path The path, or the abstract name without the NUL before it; bytes are taken for UTF-8. A padded name is
   *   filled up with NULs, as some programs do.
   * @throws {IOError} `INVALID_ARGUMENT` for a type without meaning, bytes that are not UTF-8, and as the constructor.
   */
  static withType(path: string | Uint8Array, type: UnixSocketAddressType): UnixSocketAddress {
    const name = typeof path === 'string' ? path : utf8Text(path)
    switch (type) {
      case UnixSocketAddressType.ANONYMOUS:
        return new UnixSocketAddress('', type)
      case UnixSocketAddressType.PATH:
        return new UnixSocketAddress(name, type)
      case UnixSocketAddressType.ABSTRACT:
        return new UnixSocketAddress(`\0${name}`, type)
      case UnixSocketAddressType.ABSTRACT_PADDED:
        return new UnixSocketAddress(`\0${name}${'\0'.repeat(Math.max(MAX_LENGTH - Buffer.byteLength(name), 0))}`, type)
      default:
        throw new IOError('INVALID_ARGUMENT', 'This is not a type of Unix socket address.')
    }
  }

  /** Whether this machine knows abstract names. */
  static get abstractNamesSupported(): boolean {
    return process.platform === 'linux'
  }

  /** The bytes of the path, without the NUL before an abstract name. */
  get pathAsArray(): Uint8Array {
    const isAbstract = this.path.startsWith('\0')
    return new TextEncoder().encode(isAbstract ? this.path.slice(1) : this.path)
  }

  /** How many bytes {@link UnixSocketAddress.pathAsArray} has. */
  get pathLen(): number {
    return this.pathAsArray.length
  }

  /** The path; '@name' for an abstract name, as in /proc/net/unix. */
  toString(): string {
    return this.path === '' ? 'anonymous' : this.path.replace(/\0+$/, '').replace(/^\0/, '@')
  }
}

function typeOf(path: string): UnixSocketAddressType {
  if (path === '') return UnixSocketAddressType.ANONYMOUS
  return path.startsWith('\0') ? UnixSocketAddressType.ABSTRACT : UnixSocketAddressType.PATH
}

function utf8Text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new IOError('INVALID_ARGUMENT', 'The path of a Unix socket has to be UTF-8.', { cause })
  }
}
