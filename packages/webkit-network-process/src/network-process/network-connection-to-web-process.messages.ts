// What a WebProcess may ask of its end in the NetworkProcess. Receiver: NetworkConnectionToWebProcess.
// Upstream: WebKit/NetworkProcess/NetworkConnectionToWebProcess.messages.in.
import { defineMessages } from '../platform/ipc/message-receiver.ts'
import {
  NetworkResourceLoadParametersSchema,
  ResourceLoaderIdentifierSchema,
} from '../shared/network-resource-load-parameters.ts'
import { MAXIMUM_REQUEST_PAYLOAD_BYTES } from '../shared/wire-types.ts'

export const NetworkConnectionToWebProcessMessages = defineMessages({
  receiver: 'NetworkConnectionToWebProcess',
  receiverId: 1,
  sentBy: 'WebProcess',
  sentTo: 'NetworkProcess',
  messages: {
    ScheduleResourceLoad: {
      arguments: { parameters: NetworkResourceLoadParametersSchema },
      maximumPayloadBytes: MAXIMUM_REQUEST_PAYLOAD_BYTES,
    },
    /** The WebProcess wants no more of this load; it may be over already. */
    RemoveLoadIdentifier: { arguments: { identifier: ResourceLoaderIdentifierSchema } },
  },
})
