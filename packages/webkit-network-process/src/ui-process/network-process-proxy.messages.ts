// What the NetworkProcess tells the UIProcess. Receiver: the UIProcess's NetworkProcessProxy.
// Upstream: WebKit/UIProcess/Network/NetworkProcessProxy.messages.in.
import { Type } from 'typebox'
import { defineMessages } from '../platform/ipc/message-receiver.ts'
import { WebProcessIdentifierSchema } from '../shared/network-resource-load-parameters.ts'

export const NetworkProcessProxyMessages = defineMessages({
  receiver: 'NetworkProcessProxy',
  receiverId: 5,
  sentBy: 'NetworkProcess',
  sentTo: 'UIProcess',
  messages: {
    /** A WebProcess broke the protocol: its connection is closed and it is to be ended. */
    DidReceiveInvalidMessage: {
      arguments: { webProcessIdentifier: WebProcessIdentifierSchema, reason: Type.String() },
    },
    /** The connection of a WebProcess ended for any other reason. */
    ConnectionToWebProcessClosed: { arguments: { webProcessIdentifier: WebProcessIdentifierSchema } },
  },
})
