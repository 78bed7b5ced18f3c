// What the UIProcess says about a session when it adds it. Upstream: WebKit/NetworkProcess/NetworkSessionCreationParameters.h.
import { Type, type Static } from 'typebox'
import { SessionIDSchema } from '../shared/network-resource-load-parameters.ts'
import { OptionalStringSchema } from '../shared/wire-types.ts'

export const NetworkSessionCreationParametersSchema = Type.Object(
  {
    sessionID: SessionIDSchema,
    /** Sent with requests that bring no User-Agent of their own. */
    userAgent: Type.String(),
    /** Null for what gio picks by itself (GIO_USE_TLS, then openssl). */
    tlsBackend: Type.Union([Type.Null(), Type.Enum(['openssl', 'gnutls'])]),
    /** PEM text of certificate authorities to trust besides the system's; null for those alone. */
    caFile: OptionalStringSchema,
    /** Accept whatever certificate a server shows. */
    ignoreTLSErrors: Type.Boolean(),
    acceptLanguage: OptionalStringSchema,
  },
  { additionalProperties: false },
)
export type NetworkSessionCreationParameters = Static<typeof NetworkSessionCreationParametersSchema>
