// What NTLM and Negotiate share: they authenticate a connection, so each authenticated connection belongs to one user, and
// no message of another may go over it. Base class of both; AuthManager asks `connectionOwner`.
// Upstream: libsoup/auth/soup-connection-auth.c.

import type { Uri } from '@wpe-networking/glib-gio'
import type { Connection } from '../connection/connection.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import { Auth } from './auth.ts'
import { folderOf } from './protection-space.ts'

interface Owner {
  readonly auth: Auth
  /** Stands for the credentials: others are another object. */
  readonly identity: object
}

/** By connection and side; an entry lives as long as its connection. */
const owners = new Map<number, Owner>()
const gone = new FinalizationRegistry<number>((key) => owners.delete(key))

/** A connection through a tunnel may be authenticated twice: to the proxy, and to the server behind it. */
function ownerKey(connectionId: number, isForProxy: boolean): number {
  return connectionId * 2 + Number(isForProxy)
}

/** Whether any connection of any session was authenticated; nearly never. */
export function hasConnectionOwners(): boolean {
  return owners.size > 0
}

/** The one as whom a connection was authenticated to its server, or to its proxy. */
export function connectionOwner(connectionId: number, isForProxy: boolean): Auth | undefined {
  return owners.get(ownerKey(connectionId, isForProxy))?.auth
}

export abstract class ConnectionAuth extends Auth {
  override get isConnectionBound(): boolean {
    return true
  }

  override mayUseConnection(_message: Message, connectionId: number): boolean {
    const owner = owners.get(ownerKey(connectionId, this.isForProxy))
    return owner === undefined || (owner.auth === this && owner.identity === this.identity)
  }

  /** The folder of `uri`: what authenticates is the connection, but not all of a server need ask for it. */
  override getProtectionSpace(uri: Uri): readonly string[] {
    return [folderOf(uri.path)]
  }

  /** For whom connections get authenticated now; null before there are credentials. */
  protected abstract get identity(): object | null

  /** Host of `authority`, without brackets. */
  protected get host(): string {
    return this.authority.slice(0, this.authority.lastIndexOf(':')).replace(/^\[|\]$/g, '')
  }

  /** Whether the connection of `message` is authenticated as `identity`. */
  protected ownsConnection(message: Message): boolean {
    const owner = owners.get(ownerKey(message.connectionId, this.isForProxy))
    return owner !== undefined && owner.auth === this && owner.identity === this.identity
  }

  /** From here on the connection of `message` is for `identity` alone. */
  protected claimConnection(message: Message, identity: object): void {
    const connection: Connection | null = messageState(message).connection
    if (connection === null) return
    const key = ownerKey(connection.id, this.isForProxy)
    if (!owners.has(key)) gone.register(connection, key)
    owners.set(key, { auth: this, identity })
  }

  /** The server knows nobody on the connection of `message` any more. */
  protected releaseConnection(message: Message): void {
    const key = ownerKey(message.connectionId, this.isForProxy)
    if (owners.get(key)?.auth === this) owners.delete(key)
  }
}
