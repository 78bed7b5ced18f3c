import { Agent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import got from 'got'
import { type Contender, type ContenderOptions, runWith } from '../contender.ts'

/** Without retries and the check of redirects' methods; a large body is streamed. */
export async function create({ protocol, concurrency, ca }: ContenderOptions): Promise<Contender> {
  const http = new Agent({ keepAlive: true, maxSockets: concurrency })
  const https = new HttpsAgent({ keepAlive: true, maxSockets: concurrency, ca })
  const client = got.extend({
    agent: { http, https },
    http2: protocol === 'h2',
    https: { certificateAuthority: ca },
    retry: { limit: 0 },
  })
  return {
    run: runWith(async (url, size) => {
      if (size <= 65_536) return (await client(url).buffer()).length
      let bytes = 0
      for await (const chunk of client.stream(url)) bytes += (chunk as Buffer).length
      return bytes
    }),
    close: async () => {
      http.destroy()
      https.destroy()
    },
  }
}
