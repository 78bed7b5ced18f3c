// What this layer publishes on diagnostics channels, one per stage; nothing is made when nobody listens.
// The channels carry the names `wpe:webcore:<stage>`.

import { channel } from 'node:diagnostics_channel'
import type { ResourceLoadEntry, ResourceLoadStart } from './loader/resource-load-entry.ts'

export interface FrameLoadMessage {
  /** Ms since the epoch, with a fraction. */
  readonly time: number
  readonly pageID: number
  readonly frameID: number
  readonly url: string
  /** The state the document loader went into. */
  readonly state: string
}

export interface ResourceLoadMessage<T extends ResourceLoadStart = ResourceLoadStart> {
  readonly time: number
  readonly pageID: number
  readonly resource: T
}

const frameLoadChannel = channel('wpe:webcore:frame-load')
const resourceStartChannel = channel('wpe:webcore:resource-start')
const resourceEndChannel = channel('wpe:webcore:resource-end')

/** Milliseconds since the epoch with a fraction, from a clock that does not jump. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

/** `wpe:webcore:frame-load`: the document loader changed its state. */
export function publishFrameLoad(message: Omit<FrameLoadMessage, 'time'>): void {
  if (frameLoadChannel.hasSubscribers) frameLoadChannel.publish({ time: now(), ...message } satisfies FrameLoadMessage)
}

/** `wpe:webcore:resource-start`: a load was asked for. */
export function publishResourceStart(pageID: number, resource: ResourceLoadStart): void {
  if (!resourceStartChannel.hasSubscribers) return
  resourceStartChannel.publish({ time: now(), pageID, resource } satisfies ResourceLoadMessage)
}

/** `wpe:webcore:resource-end`: a load is over, well or not. */
export function publishResourceEnd(pageID: number, resource: ResourceLoadEntry): void {
  if (!resourceEndChannel.hasSubscribers) return
  resourceEndChannel.publish({ time: now(), pageID, resource } satisfies ResourceLoadMessage<ResourceLoadEntry>)
}
