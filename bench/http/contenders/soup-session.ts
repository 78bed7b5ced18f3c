import { finished } from 'node:stream/promises'
import { TlsCertificate, TlsDatabase } from '@wpe-networking/glib-gio'
import { ContentDecoder, CookieJar, HSTSEnforcer, Message, Session } from '@wpe-networking/libsoup'
import { type Contender, type ContenderOptions, runWith } from '../contender.ts'

/**
 * Session.sendAndRead with what a browser has on: cookies, HSTS and content decoding. A large body is streamed, as peers do.
 */
export async function create({ protocol, concurrency, ca }: ContenderOptions): Promise<Contender> {
  const session = new Session({
    maxConns: 256,
    maxConnsPerHost: protocol === 'h2' ? 1 : concurrency,
    tlsDatabase: new TlsDatabase(TlsCertificate.listFromPem(ca)),
  })
  session.addFeature(new CookieJar())
  session.addFeature(new HSTSEnforcer())
  session.addFeature(new ContentDecoder())
  return {
    run: runWith(async (url, size) => {
      const message = new Message('GET', url)
      if (size <= 65_536) return (await session.sendAndRead(message)).length
      let bytes = 0
      const body = await session.send(message)
      body.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      await finished(body)
      return bytes
    }),
    close: async () => session.abort(),
  }
}
