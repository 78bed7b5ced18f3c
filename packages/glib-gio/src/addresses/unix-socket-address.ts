// The address of a Unix domain socket. Upstream: glib/gio/gunixsocketaddress.c.

import { SocketAddress } from './socket-address.ts'
import { SocketFamily } from './socket-family.ts'

/** Immutable. An empty path stands for the unnamed end of a connection; a leading NUL for Linux's abstract names. */
export class UnixSocketAddress extends SocketAddress {
  readonly family = SocketFamily.UNIX
  readonly path: string

  constructor(path: string) {
    super()
    this.path = path
  }

  /** Whether the path names a file, an abstract name, or nothing. */
  get addressType(): 'anonymous' | 'path' | 'abstract' {
    if (this.path === '') return 'anonymous'
    return this.path.startsWith('\0') ? 'abstract' : 'path'
  }

  toString(): string {
    return this.path === '' ? 'anonymous' : this.path.replace(/^\0/, '@')
  }
}
