// A WebProcess that lies: whatever it sends, the UIProcess ends it, fails the load and stays well.

import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { duplexPair, PassThrough } from 'node:stream'
import type { ChildProcess } from 'node:child_process'
import { Connection, type ResourceResponseData } from '@wpe-networking/webkit-network-process/connection'
import { afterEach, describe, expect, it } from 'vitest'
import type { LoadError } from '../src/load-error.ts'
import { AuxiliaryProcessProxy } from '../src/ui-process/auxiliary-process-proxy.ts'
import type { NetworkSession } from '../src/ui-process/network-session.ts'
import { WebPageProxy, type WebPageProxyClient } from '../src/ui-process/web-page-proxy.ts'
import { WebPageProxyMessages } from '../src/ui-process/web-page-proxy.messages.ts'
import { WebPageMessages } from '../src/web-process/web-page.messages.ts'

const { messages } = WebPageProxyMessages
const URI = 'https://example.org/'
const RESPONSE: ResourceResponseData = {
  ...{ url: URI, mimeType: 'text/html', textEncodingName: '', expectedContentLength: -1, httpStatusCode: 200 },
  ...{ httpStatusText: 'OK', httpVersion: 'HTTP/1.1', httpHeaderFields: [], source: 'network', isRedirected: false },
  ...{ remoteAddress: null, tls: null, protocol: 'http/1.1' },
}

/** Stands for the child process of a proxy; being killed is all it can do. */
class FakeChild extends EventEmitter {
  killedWith: string | null = null

  kill(signal: string): boolean {
    this.killedWith = signal
    this.emit('exit', null, signal)
    return true
  }
}

interface Stage {
  readonly child: FakeChild
  /** The WebProcess's end of its connection to the UIProcess. */
  readonly stream: Duplex
  readonly failed: Promise<LoadError>
  readonly events: string[]
}

const opened: Duplex[] = []
afterEach(() => {
  for (const stream of opened.splice(0)) stream.destroy()
})

/** Starts a load of {@link URI} in a process that `behave` plays, with its own connection or the bare stream. */
async function load(behave: (webProcess: Connection, navigationID: number) => void): Promise<Stage> {
  const stage = start()
  const webProcess = new Connection(stage.stream)
  webProcess.addReceiver(WebPageMessages, {
    LoadRequest: ({ navigationID }) => behave(webProcess, navigationID),
    StopLoading: () => {},
    GetContents: () => ({ source: '', text: '' }),
  })
  webProcess.open()
  return Promise.resolve(stage)
}

function start(): Stage {
  const [ours, theirs] = duplexPair()
  opened.push(ours, theirs)
  const child = new FakeChild()
  const launched = {
    ...{ child: child as unknown as ChildProcess, stream: ours, stderr: new PassThrough(), pid: Promise.resolve(1) },
  }
  const process = Object.assign(
    new AuxiliaryProcessProxy('web process', launched, { identifier: 1, onStderrLine: null }),
    {
      ...{ site: 'https://example.org', sandbox: 'none' },
    },
  )
  const context = {
    launchWebProcess: () => Promise.resolve({ process, connected: Promise.resolve() }),
    closeWebProcess: () => process.close(),
    onNetworkProcessTerminated: () => () => {},
  }
  const { promise: failed, resolve } = Promise.withResolvers<LoadError>()
  const events: string[] = []
  const note = (name: string) => () => void events.push(name)
  const client: WebPageProxyClient = {
    ...{ didLaunchWebProcess: note('launch'), didStart: note('start'), didRedirect: note('redirect') },
    ...{ didSwapProcess: note('swap'), didCommit: note('commit'), didReceiveTitle: note('title') },
    ...{ didInitiateResourceLoad: note('initiate'), didCompleteResourceLoad: note('complete') },
    ...{ didFinish: note('finish'), didFail: resolve },
  }
  const page = new WebPageProxy({ context, parameters: {} } as unknown as NetworkSession, client)
  const request = {
    ...{ url: URI, httpMethod: 'GET', httpHeaderFields: [], httpBody: null, priority: 'VeryHigh' as const },
    ...{ cachePolicy: 'UseProtocolCachePolicy' as const, firstPartyForCookies: null, isSameSite: true },
    ...{ isTopSite: true, allowCookies: true, timeoutInterval: 0 },
  }
  page.loadRequest(request, { userAgent: 'x', acceptLanguage: null, extraHeaders: [] }, 0)
  return { child, stream: theirs, failed, events }
}

async function expectEnded({ child, failed }: Stage): Promise<void> {
  await expect(failed).resolves.toMatchObject({ domain: 'WebKitProcessError', code: 'INVALID_MESSAGE' })
  expect(child.killedWith).toBe('SIGKILL')
}

describe('a WebProcess that lies', () => {
  it('is ended for bytes that are no message', async () => {
    const stage = start()
    stage.stream.write(Buffer.alloc(64, 0xff))
    await expectEnded(stage)
  })

  it('is ended for a document of another site', async () => {
    const stage = await load((webProcess, navigationID) => {
      webProcess.send(messages.DidStartProvisionalLoad, { navigationID, url: URI })
      webProcess.send(messages.DidCommitLoad, { navigationID, response: { ...RESPONSE, url: 'https://bank.example/' } })
    })
    await expectEnded(stage)
    expect(stage.events).not.toContain('commit')
  })

  it('is ended for a redirect to another site that it did not ask about', async () => {
    const stage = await load((webProcess, navigationID) => {
      webProcess.send(messages.DidStartProvisionalLoad, { navigationID, url: URI })
      webProcess.send(messages.DidReceiveServerRedirect, { navigationID, url: 'https://bank.example/' })
    })
    await expectEnded(stage)
  })

  it('is ended for steps in the wrong order', async () => {
    await expectEnded(
      await load((webProcess, navigationID) => webProcess.send(messages.DidFinishLoad, { navigationID })),
    )
    await expectEnded(
      await load((webProcess, navigationID) => {
        webProcess.send(messages.DidStartProvisionalLoad, { navigationID, url: URI })
        webProcess.send(messages.DidCommitLoad, { navigationID, response: RESPONSE })
        webProcess.send(messages.DidCommitLoad, { navigationID, response: RESPONSE })
      }),
    )
  })

  it('is ended for a navigation that never was', async () => {
    await expectEnded(await load((webProcess) => webProcess.send(messages.DidFinishLoad, { navigationID: 99 })))
  })

  it('is ended for a title that is too long', async () => {
    await expectEnded(
      await load((webProcess, navigationID) =>
        webProcess.send(messages.DidReceiveTitle, { navigationID, title: 'x'.repeat(5_000) }),
      ),
    )
  })

  it('is heard when it tells the truth', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const stage = await load((webProcess, navigationID) => {
      webProcess.send(messages.DidStartProvisionalLoad, { navigationID, url: URI })
      webProcess.send(messages.DidCommitLoad, { navigationID, response: RESPONSE })
      webProcess.send(messages.DidReceiveTitle, { navigationID, title: 'A page' })
      webProcess.send(messages.DidFinishLoad, { navigationID })
      setImmediate(resolve)
    })
    await promise
    await expect.poll(() => stage.events).toEqual(['launch', 'start', 'commit', 'title', 'finish'])
    expect(stage.child.killedWith).toBeNull()
  })
})
