// What a WebProcess may ask of its end in the NetworkProcess. Receiver: NetworkConnectionToWebProcess.
// Upstream: WebKit/NetworkProcess/NetworkConnectionToWebProcess.messages.in.
import { defineMessages } from '../platform/ipc/message-receiver.ts'
import {
  NetworkResourceLoadParametersSchema,
  ResourceLoaderIdentifierSchema,
} from '../shared/network-resource-load-parameters.ts'

/** Largest request body in bytes; with the rest of the message it makes the largest payload there is. */
export const MAXIMUM_REQUEST_BODY_BYTES = 16 * 1024 * 1024

export const NetworkConnectionToWebProcessMessages = defineMessages({
  receiver: 'NetworkConnectionToWebProcess',
  receiverId: 1,
  sentBy: 'WebProcess',
  sentTo: 'NetworkProcess',
  messages: {
    ScheduleResourceLoad: {
      arguments: { parameters: NetworkResourceLoadParametersSchema },
      maximumPayloadBytes: MAXIMUM_REQUEST_BODY_BYTES + 1024 * 1024,
    },
    /** The WebProcess wants no more of this load; it may be over already. */
    RemoveLoadIdentifier: { arguments: { identifier: ResourceLoaderIdentifierSchema } },
  },
})
