// What libsoup tells `node:diagnostics_channel`: where messages and connections are. Free while nobody listens.
// Subscribers must not change what they are given.

import { channel } from 'node:diagnostics_channel'
import type { Connection } from './connection/connection.ts'
import { metricsNow } from './message/message-metrics.ts'
import type { MessageQueueItem } from './session/message-queue-item.ts'

/** Channel `wpe:soup:message`. */
export interface SoupMessageDiagnostics {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly stage: 'queued' | 'running' | 'got-headers' | 'finished'
  /** Number of the message, unique in this process. */
  readonly messageId: number
  /** 0 before it has a connection. */
  readonly connectionId: number
  readonly method: string
  readonly uri: string
  /** 0 before there is a response. */
  readonly statusCode: number
  /** Set at 'finished' if it failed. */
  readonly error: Error | null
}

/** Channel `wpe:soup:connection`. */
export interface SoupConnectionDiagnostics {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly stage: 'connecting' | 'connected' | 'closed'
  readonly connectionId: number
  /** Scheme, host and port. */
  readonly host: string
  /** `'http/1.1'`, `'h2'`, or null before it is connected. */
  readonly protocol: string | null
  readonly messagesSent: number
}

export const messageChannel = channel('wpe:soup:message')
export const connectionChannel = channel('wpe:soup:connection')

const messageIds = new WeakMap<MessageQueueItem, number>()
let lastMessageId = 0

export function publishMessage(stage: SoupMessageDiagnostics['stage'], item: MessageQueueItem): void {
  let messageId = messageIds.get(item)
  if (messageId === undefined) messageIds.set(item, (messageId = ++lastMessageId))
  const { message } = item
  const payload: SoupMessageDiagnostics = {
    time: metricsNow(),
    stage,
    messageId,
    connectionId: message.connectionId,
    method: message.method,
    uri: message.uri.toString(),
    statusCode: message.statusCode,
    error: item.error,
  }
  messageChannel.publish(payload)
}

export function publishConnection(stage: SoupConnectionDiagnostics['stage'], connection: Connection): void {
  const payload: SoupConnectionDiagnostics = {
    time: metricsNow(),
    stage,
    connectionId: connection.id,
    host: connection.target.hostKey,
    protocol: connection.protocol,
    messagesSent: connection.messagesSent,
  }
  connectionChannel.publish(payload)
}
