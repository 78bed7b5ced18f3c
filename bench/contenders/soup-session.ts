import { finished } from 'node:stream/promises'
import { ContentDecoder, CookieJar, Message, Session } from '@wpe-networking/libsoup'
import { type Contender, ownCpuSeconds } from '../contender.ts'

/** Session.sendAndRead with what a browser has on: cookies and content decoding. A large body is streamed, as peers do. */
export async function create(): Promise<Contender> {
  const session = new Session({ maxConns: 256, maxConnsPerHost: 128 })
  session.addFeature(new CookieJar())
  session.addFeature(new ContentDecoder())
  return {
    get: async (url, size) => {
      const message = new Message('GET', url)
      if (size <= 65_536) return (await session.sendAndRead(message)).length
      let bytes = 0
      const body = await session.send(message)
      body.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      await finished(body)
      return bytes
    },
    cpuSeconds: ownCpuSeconds,
    close: async () => session.abort(),
  }
}
