// Opens the descriptor a WebProcess was given at its start. The one file of the WebProcess that imports node:net: it takes an open
// descriptor and can connect nowhere. Upstream: WebKit/Shared/AuxiliaryProcess (initialization parameters' connection identifier).
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A stream on descriptor `fd`, a connected socket or pipe that this process inherited. It is paused until read. */
export function openInheritedSocket(fd: number): Duplex {
  return new Socket({ fd, readable: true, writable: true })
}
