// The built-in demo site: one page and its resources, served over TLS on loopback by this project's own server.
// Started by the command line when no URI is given.

import { TlsCertificate } from '@wpe-networking/glib-gio'
import { Server, type ServerMessage } from '@wpe-networking/libsoup'
import { demoAssets } from './assets/index.ts'
import type { DemoAsset } from './demo-asset.ts'
import { makeDemoCertificates } from './demo-certificates.ts'
import { serveAsset } from './demo-handlers.ts'

/** A running demo site. */
export interface DemoSite {
  /** Address of the page, `https://localhost:PORT/`. */
  readonly uri: string
  /** The authority to trust for this site and this run, PEM. */
  readonly certificateAuthorityPem: string
  /** Stops the server and closes its connections. May be called twice. */
  close(): Promise<void>
}

/** How the site is served. */
export interface DemoSiteOptions {
  /**
   * Offer HTTP/2. Default false: chunked transfer coding and the queue for a host's connections, both of which the page
   * shows, are there in HTTP/1.1 only.
   */
  readonly http2?: boolean
}

/**
 * Makes a certificate authority and starts the site on a free port. Nothing is written to disk.
 *
 * @throws {IOError} when loopback cannot be listened on.
 */
export async function startDemoSite(options: DemoSiteOptions = {}): Promise<DemoSite> {
  const certificates = await makeDemoCertificates()
  const { certificatePem, privateKeyPem } = certificates
  const server = new Server({
    http2: options.http2 ?? false,
    serverHeader: 'MiniBrowser-demo ',
    tlsCertificate: TlsCertificate.fromPem(certificatePem, { privateKeyPem }),
  })
  const closing = new AbortController()
  const assets = new Map(demoAssets().map((asset) => [asset.path, asset]))
  server.addHandler('/', (_server, message, path) => answer(message, assets.get(path), closing.signal))
  await server.listenLocal()
  const port = server.listeningAddresses[0]?.port
  return {
    uri: `https://localhost:${port}/`,
    certificateAuthorityPem: certificates.authorityPem,
    async close() {
      closing.abort()
      await server.disconnect()
    },
  }
}

async function answer(message: ServerMessage, asset: DemoAsset | undefined, signal: AbortSignal): Promise<void> {
  if (asset) {
    await serveAsset(message, asset, signal)
    return
  }
  message.setStatus(404)
  message.setResponse('text/plain; charset=utf-8', 'There is nothing at this address of the demo site.\n')
}
