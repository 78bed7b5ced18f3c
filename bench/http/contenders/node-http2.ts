import { connect, type ClientHttp2Session } from 'node:http2'
import { type Contender, type ContenderOptions, runWith } from '../contender.ts'

/** One session for everything. */
export async function create({ ca }: ContenderOptions): Promise<Contender> {
  let session: ClientHttp2Session | null = null
  return {
    run: runWith((url) => {
      const { origin, pathname } = new URL(url)
      session ??= connect(origin, { ca })
      const stream = session.request({ ':path': pathname })
      return new Promise((resolve, reject) => {
        let bytes = 0
        stream.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        stream.on('end', () => resolve(bytes))
        stream.on('error', reject)
      })
    }),
    close: async () => session?.close(),
  }
}
