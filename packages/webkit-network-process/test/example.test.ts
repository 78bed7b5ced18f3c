// The README's first example, against an origin of the test's own: both ends in one process, over in-memory streams.
import { duplexPair } from 'node:stream'
import { withServer } from '@wpe-networking/test-support'
import { expect, test } from 'vitest'
import {
  Connection,
  NetworkProcess,
  NetworkProcessConnection,
  NetworkProcessMessages,
  NetworkProcessProxyMessages,
} from '../src/index.ts'
import { load, loadParameters, SESSION, SITE } from './support.ts'

test('a NetworkProcess serves a WebProcess over any pair of streams, also when the socket comes before the session', async () => {
  const [uiEnd, networkEnd] = duplexPair()
  const ui = new Connection(uiEnd)
  const closed: number[] = []
  ui.addReceiver(NetworkProcessProxyMessages, {
    DidReceiveInvalidMessage: ({ reason }) => expect.unreachable(reason),
    ConnectionToWebProcessClosed: ({ webProcessIdentifier }) => void closed.push(webProcessIdentifier),
  })
  ui.open()
  const networkProcess = new NetworkProcess({ connection: new Connection(networkEnd) })
  const [webEnd, servedEnd] = duplexPair()
  networkProcess.addConnectionToWebProcess({ webProcessIdentifier: 1, site: SITE, sessionID: 1 }, servedEnd)
  const connection = new NetworkProcessConnection(webEnd)
  await withServer(
    (_request, response) => void response.end('hello'),
    async (server) => {
      const navigation = { firstPartyForCookies: `${server.origin}/`, isTopSite: true }
      const loading = load(connection, loadParameters(`${server.origin}/`, navigation, { isMainFrameNavigation: true }))
      await ui.sendWithReply(NetworkProcessMessages.messages.AddWebsiteDataStore, { parameters: SESSION })
      expect((await loading).body.toString()).toBe('hello')
      await ui.sendWithReply(NetworkProcessMessages.messages.DestroySession, { sessionID: 1 })
      expect(networkProcess.connectionCount).toBe(0)
    },
  )
  expect(closed).toEqual([1])
  ui.close()
})
