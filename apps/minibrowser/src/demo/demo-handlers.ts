// Answers for the demo site: one function per behaviour an asset can have.
// Called by demo-site.ts for each request.

import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { Encoding, headerParseQualityList, type ServerMessage } from '@wpe-networking/libsoup'
import { hasCookie, type DemoAsset, type DemoBehaviour } from './demo-asset.ts'

const COMPRESS = { gzip: promisify(gzip), br: promisify(brotliCompress) } as const

/** Pictures and styles do not change during a run. */
const CACHE_CONTROL = 'max-age=60'

/**
 * Answers `message` with `asset`.
 *
 * @param signal Ends the waits of slow answers when the site closes.
 */
export async function serveAsset(message: ServerMessage, asset: DemoAsset, signal: AbortSignal): Promise<void> {
  if (message.method !== 'GET' && message.method !== 'HEAD') {
    message.responseHeaders.replace('Allow', 'GET, HEAD')
    message.setStatus(405)
    return
  }
  message.responseHeaders.replace('Cache-Control', CACHE_CONTROL)
  for (const [name, value] of Object.entries(asset.headers ?? {})) message.responseHeaders.replace(name, value)
  const behaviour = asset.behaviour ?? { kind: 'plain' }
  switch (behaviour.kind) {
    case 'plain':
      return serve(message, asset)
    case 'compressed':
      return serveCompressed(message, asset, behaviour.coding)
    case 'slow':
      await delay(behaviour.delayMs, undefined, { signal })
      return serve(message, asset)
    case 'chunked':
      return serveChunked(message, asset, behaviour, signal)
    case 'redirect':
      if (behaviour.setCookie) {
        message.responseHeaders.append(
          'Set-Cookie',
          `${behaviour.setCookie}; Path=/cookies; Secure; HttpOnly; SameSite=Lax`,
        )
      }
      message.setResponse(asset.contentType, asset.body)
      message.setRedirect(302, behaviour.location)
      return
    case 'needs-cookie':
      if (hasCookie(message, behaviour.cookie)) return serve(message, asset)
      message.setStatus(403)
      message.setResponse('text/plain; charset=utf-8', `The cookie ${behaviour.cookie} did not come along.\n`)
  }
}

function serve(message: ServerMessage, asset: DemoAsset): void {
  message.setStatus(200)
  message.setResponse(asset.contentType, asset.body)
}

async function serveCompressed(message: ServerMessage, asset: DemoAsset, coding: 'gzip' | 'br'): Promise<void> {
  message.responseHeaders.append('Vary', 'Accept-Encoding')
  const acceptable = headerParseQualityList(message.requestHeaders.getList('Accept-Encoding') ?? '')
  if (!acceptable.includes(coding)) return serve(message, asset)
  const body = await COMPRESS[coding](asset.body)
  message.responseHeaders.replace('Content-Encoding', coding)
  message.setStatus(200)
  message.setResponse(asset.contentType, body)
}

async function serveChunked(
  message: ServerMessage,
  asset: DemoAsset,
  { pieces, pauseMs }: Extract<DemoBehaviour, { kind: 'chunked' }>,
  signal: AbortSignal,
): Promise<void> {
  const body = Buffer.from(asset.body)
  const size = Math.ceil(body.length / pieces)
  message.responseHeaders.replace('Content-Type', asset.contentType)
  message.responseHeaders.encoding = Encoding.CHUNKED
  message.setStatus(200)
  for (let at = 0; at < body.length; at += size) {
    if (at > 0) await delay(pauseMs, undefined, { signal })
    message.responseBody.append(body.subarray(at, at + size))
  }
  message.responseBody.complete()
}
