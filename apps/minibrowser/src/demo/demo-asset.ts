// One thing the demo site serves, as data: what it is, its bytes, and how it behaves on the wire.
// Listed by assets/*.ts, served by demo-site.ts.

import type { ServerMessage } from '@wpe-networking/libsoup'

/** How an asset is answered; the plain way when it says nothing. */
export type DemoBehaviour =
  | { readonly kind: 'plain' }
  /** Body compressed when the client accepts that coding (RFC 9110 section 12.5.3). */
  | { readonly kind: 'compressed'; readonly coding: 'gzip' | 'br' }
  /** The head comes after so many milliseconds. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Sent with chunked transfer coding in so many pieces, one after the other. */
  | { readonly kind: 'chunked'; readonly pieces: number; readonly pauseMs: number }
  /** 302 to another path of the site, with a cookie if there is one. */
  | { readonly kind: 'redirect'; readonly location: string; readonly setCookie?: string }
  /** 403 unless this cookie comes along. */
  | { readonly kind: 'needs-cookie'; readonly cookie: string }

/** An entry of the site. */
export interface DemoAsset {
  readonly path: string
  readonly contentType: string
  /** Bytes, or text that is sent as UTF-8. */
  readonly body: Uint8Array | string
  readonly behaviour?: DemoBehaviour
  /** Further response header fields. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What the page itself sets: every later request of the visit carries it. */
export const VISIT_COOKIE = 'demo-visit=1'

/** What only the redirect at /cookies/give sets: the picture it leads to asks for it. */
export const TASTE_COOKIE = 'demo-taste=almond'

/** Whether the request carries exactly this cookie pair (RFC 6265 section 5.4). */
export function hasCookie(message: ServerMessage, pair: string): boolean {
  const sent = message.requestHeaders.getList('Cookie') ?? ''
  return sent.split(/;\s*/).includes(pair)
}
