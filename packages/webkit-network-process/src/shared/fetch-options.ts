// The fetch parameters of a load that are not part of the request. Upstream: WebCore/loader/FetchOptions.h; Fetch section 2.2.5.
import { Type, type Static } from 'typebox'

export const FetchOptionsSchema = Type.Object(
  {
    mode: Type.Enum(['navigate', 'same-origin', 'no-cors', 'cors']),
    credentials: Type.Enum(['omit', 'same-origin', 'include']),
    cache: Type.Enum(['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached']),
    redirect: Type.Enum(['follow', 'error', 'manual']),
    referrerPolicy: Type.Enum([
      '',
      'no-referrer',
      'no-referrer-when-downgrade',
      'same-origin',
      'origin',
      'strict-origin',
      'origin-when-cross-origin',
      'strict-origin-when-cross-origin',
      'unsafe-url',
    ]),
    destination: Type.Enum([
      '',
      'audio',
      'audioworklet',
      'document',
      'embed',
      'font',
      'frame',
      'iframe',
      'image',
      'json',
      'manifest',
      'object',
      'paintworklet',
      'report',
      'script',
      'serviceworker',
      'sharedworker',
      'style',
      'track',
      'video',
      'worker',
      'xslt',
    ]),
  },
  { additionalProperties: false },
)
export type FetchOptions = Static<typeof FetchOptionsSchema>
