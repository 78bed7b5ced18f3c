import { withServer } from '@wpe-networking/test-support'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { load, loadParameters, TestNetworkProcess } from './support.ts'

let network: TestNetworkProcess
beforeEach(async () => {
  network = await TestNetworkProcess.start()
})
afterEach(() => network.close())

test('a load brings response, body and the times of every stage', async () => {
  await withServer(
    (_request, response) => {
      response.setHeader('Content-Type', 'text/plain; charset=utf-8')
      response.end('hello')
    },
    async (server) => {
      const connection = await network.connect(7)
      const loaded = await load(connection, loadParameters(`${server.origin}/a`))
      console.log(loaded)
      expect(loaded.error).toBeNull()
      expect(loaded.response).toMatchObject({
        httpStatusCode: 200,
        mimeType: 'text/plain',
        textEncodingName: 'utf-8',
        expectedContentLength: 5,
        protocol: 'http/1.1',
        source: 'network',
        tls: null,
      })
      expect(loaded.body.toString()).toBe('hello')
      connection.close()
    },
  )
})
