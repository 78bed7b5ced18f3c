// What the UIProcess says about itself when the NetworkProcess starts. Upstream: WebKit/NetworkProcess/NetworkProcessCreationParameters.h.
import { Type, type Static } from 'typebox'

export const NetworkProcessCreationParametersSchema = Type.Object(
  { uiProcessIdentifier: Type.Integer({ minimum: 0 }), uiProcessName: Type.String() },
  { additionalProperties: false },
)
export type NetworkProcessCreationParameters = Static<typeof NetworkProcessCreationParametersSchema>
