// What a WebProcess tells one of its loads; the frame's destination is the load's identifier. Receiver: NetworkResourceLoader.
// Upstream: WebKit/NetworkProcess/NetworkResourceLoader.messages.in.
import { Type } from 'typebox'
import { defineMessages } from '../platform/ipc/message-receiver.ts'

export const NetworkResourceLoaderMessages = defineMessages({
  receiver: 'NetworkResourceLoader',
  receiverId: 2,
  sentBy: 'WebProcess',
  sentTo: 'NetworkProcess',
  messages: {
    /** This many bytes of body were taken by their reader and may be sent anew (no counterpart upstream: WebKit's pipe is unbounded). */
    DidConsumeData: { arguments: { bytes: Type.Integer({ minimum: 1, maximum: 0xffffffff }) } },
  },
})
