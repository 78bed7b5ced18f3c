// What the UIProcess tells the NetworkProcess. The socket of a WebProcess comes beside this, over Node's own channel.
// Receiver: NetworkProcess. Upstream: WebKit/NetworkProcess/NetworkProcess.messages.in.
import { Type } from 'typebox'
import { defineMessages } from '../platform/ipc/message-receiver.ts'
import { ResourceErrorDataSchema } from '../shared/resource-error-data.ts'
import { SessionIDSchema } from '../shared/network-resource-load-parameters.ts'
import { NetworkProcessCreationParametersSchema } from './network-process-creation-parameters.ts'
import { NetworkSessionCreationParametersSchema } from './network-session-creation-parameters.ts'

const error = Type.Union([Type.Null(), ResourceErrorDataSchema])

export const NetworkProcessMessages = defineMessages({
  receiver: 'NetworkProcess',
  receiverId: 4,
  sentBy: 'UIProcess',
  sentTo: 'NetworkProcess',
  messages: {
    InitializeNetworkProcess: { arguments: { parameters: NetworkProcessCreationParametersSchema }, reply: {} },
    /** The error says why there is no such session now: its TLS library is missing, its authorities do not parse. */
    AddWebsiteDataStore: {
      arguments: { parameters: NetworkSessionCreationParametersSchema },
      maximumPayloadBytes: 16 * 1024 * 1024,
      reply: { error },
    },
    /** Aborts what the session is loading and closes its connections. */
    DestroySession: { arguments: { sessionID: SessionIDSchema }, reply: {} },
  },
})
