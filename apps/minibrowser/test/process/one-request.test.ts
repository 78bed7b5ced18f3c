// The road of docs/one-request.md, as `--trace` prints it: one page without subresources, every stage in its process and in
// this order.

import { withTlsServer, CertificateAuthority } from '@wpe-networking/test-support'
import { expect, it } from 'vitest'
import { runMiniBrowser } from './run-mini-browser.ts'

/** Process, layer and stage; what comes between two of these is left out. */
const ROAD = [
  'ui-process minibrowser web-page-proxy:load-request',
  'ui-process ipc connection:sent WebPage.LoadRequest',
  'web-process ipc connection:received WebPage.LoadRequest',
  'web-process webcore frame-loader:deciding-policy',
  'ui-process ipc connection:received WebPageProxy.DecidePolicyForNavigationAction',
  'web-process webcore frame-loader:provisional',
  'web-process ipc connection:sent NetworkConnectionToWebProcess.ScheduleResourceLoad',
  'network-process ipc connection:received NetworkConnectionToWebProcess.ScheduleResourceLoad',
  'network-process network-process network-resource-loader:started',
  'network-process libsoup session:queued',
  'network-process libsoup connection:connecting',
  'network-process glib-gio socket-client:RESOLVING',
  'network-process glib-gio socket-client:RESOLVED',
  'network-process glib-gio socket-client:CONNECTING',
  'network-process glib-gio socket-client:CONNECTED',
  'network-process glib-gio tls-client-connection:handshaking',
  'network-process tls tls-backend:handshake-start',
  'network-process tls tls-backend:handshake-end',
  'network-process glib-gio tls-client-connection:handshaked',
  'network-process libsoup connection:connected',
  'network-process libsoup session:running',
  'network-process libsoup session:got-headers',
  'network-process network-process network-resource-loader:received-response',
  'network-process ipc connection:sent WebResourceLoader.DidReceiveResponse',
  'web-process ipc connection:received WebResourceLoader.DidReceiveResponse',
  'web-process webcore frame-loader:committed',
  'web-process webcore frame-loader:finished',
  'ui-process minibrowser web-page-proxy:finished',
]

interface Step {
  readonly ms: number
  readonly text: string
}

function parse(line: string): Step | null {
  const match = /^ *([\d.]+) ms (\S+) +(\S+) +(\S+) *(?:.*\bmessage=(\S+))?/.exec(line)
  if (!match) return null
  const [, ms, process, layer, stage, message] = match
  return { ms: Number(ms), text: [process, layer, stage, ...(message ? [message] : [])].join(' ') }
}

it('a load passes every layer and every process in the order that is told', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue()
  await withTlsServer(
    (_, response) => void response.end('hello'),
    { certificate },
    async ({ port }) => {
      const args = ['--trace', '--ignore-tls-errors', '--output=none', `https://localhost:${port}/`]
      const { status, stderr } = await runMiniBrowser(args)
      expect(status).toBe(0)
      // Each process writes its own lines; the clock is common, so sorting by it gives the sequence.
      const steps = stderr.split('\n').flatMap((line) => parse(line) ?? [])
      steps.sort((a, b) => a.ms - b.ms)
      const road = steps.filter(({ text }) => ROAD.includes(text))
      console.log(road.map(({ ms, text }) => `${ms.toFixed(2).padStart(9)} ms  ${text}`).join('\n'))
      const first = ROAD.map((wanted) => road.findIndex(({ text }) => text === wanted))
      expect(ROAD.filter((_, index) => first[index] === -1)).toEqual([])
      expect(first).toEqual(first.toSorted((a, b) => a - b))
    },
  )
})
