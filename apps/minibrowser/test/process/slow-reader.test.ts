// A body of 1 GB to a WebProcess that reads slower than the server sends: the NetworkProcess holds the server back rather
// than the body in memory. The NetworkProcess is the built one, in a process of its own.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { withServer } from '@wpe-networking/test-support'
import { Connection, NetworkProcessMessages } from '@wpe-networking/webkit-network-process'
import { NetworkProcessConnection } from '@wpe-networking/webkit-network-process/connection'
import type { ScheduledLoadParameters } from '@wpe-networking/webkit-network-process/connection'
import { expect, it } from 'vitest'
import { NODE_OPTIONS } from '../../src/ui-process/process-launcher.ts'
import { createSocketPair } from '../../src/ui-process/socket-pair.ts'
import { DIST } from './run-mini-browser.ts'

const MB = 1024 * 1024
const BODY_BYTES = 1024 * MB
const PIECE = Buffer.alloc(256 * 1024, 'body ')

/** Resident memory in bytes, as the kernel counts it. */
function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

function sendBody(response: ServerResponse, onWrite: (bytes: number) => void): void {
  let left = BODY_BYTES
  const more = (): void => {
    while (left > 0) {
      left -= PIECE.length
      onWrite(PIECE.length)
      if (!response.write(PIECE)) break
    }
    if (left > 0) response.once('drain', more)
    else response.end()
  }
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': BODY_BYTES })
  more()
}

function parameters(url: string): ScheduledLoadParameters {
  return {
    ...{ pageID: 1, frameID: 1, isMainFrameNavigation: false, contentSniffing: false },
    request: {
      ...{ url, httpMethod: 'GET', httpHeaderFields: [], httpBody: null, priority: 'Medium' },
      ...{ cachePolicy: 'UseProtocolCachePolicy', firstPartyForCookies: null, isSameSite: true, isTopSite: false },
      ...{ allowCookies: false, timeoutInterval: 0 },
    },
    options: {
      ...{ mode: 'no-cors', credentials: 'omit', cache: 'default', redirect: 'follow' },
      ...{ referrerPolicy: '', destination: '' },
    },
  }
}

it('the NetworkProcess stays within 64 MB of idle while 1 GB goes to a slow reader', { timeout: 60_000 }, async () => {
  let sentByServer = 0
  await withServer(
    (_, response) => sendBody(response, (bytes) => (sentByServer += bytes)),
    async ({ port }) => {
      const stdio = ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'] as const
      const child = spawn(process.execPath, [...NODE_OPTIONS, `${DIST}network-process.js`, '1'], {
        stdio: [...stdio],
      })
      const uiProcess = new Connection(child.stdio[4] as Duplex)
      uiProcess.open()
      try {
        const session = { sessionID: 1, userAgent: 'test', tlsBackend: null, caFile: null }
        await uiProcess.sendWithReply(NetworkProcessMessages.messages.AddWebsiteDataStore, {
          parameters: { ...session, ignoreTLSErrors: false, acceptLanguage: null },
        })
        const { first, second } = await createSocketPair()
        child.send({ webProcessIdentifier: 1, sessionID: 1, site: 'http://127.0.0.1' }, first)
        const webProcess = new NetworkProcessConnection(second)
        const idle = residentBytes(child.pid!)
        let most = 0
        let received = 0
        let read = 0
        let farthestAhead = 0
        await new Promise<void>((resolve, reject) => {
          webProcess.scheduleResourceLoad(parameters(`http://127.0.0.1:${port}/`), {
            willSendRequest: (request) => request,
            didReceiveResponse: () => undefined,
            // Each chunk is taken one turn of the event loop later at the earliest, after a look at what that does.
            didReceiveData: async (chunk) => {
              received += chunk.length
              most = Math.max(most, residentBytes(child.pid!))
              await new Promise((next) => setImmediate(next))
              read += chunk.length
              farthestAhead = Math.max(farthestAhead, sentByServer - read)
            },
            didFinishResourceLoad: () => resolve(),
            didFailResourceLoad: (error) => reject(new Error(error.localizedDescription)),
          })
        })
        expect(received).toBe(BODY_BYTES)
        expect((most - idle) / MB).toBeLessThan(64)
        // What the server was ahead is the window and the kernel's buffers, never the body.
        expect(farthestAhead / MB).toBeLessThan(32)
        console.log(
          `memory above idle: ${((most - idle) / MB).toFixed(1)} MB; server ahead: ${(farthestAhead / MB).toFixed(1)} MB`,
        )
        webProcess.close()
      } finally {
        uiProcess.close()
        await once(child, 'exit')
      }
    },
  )
})
