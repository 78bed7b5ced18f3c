import { Agent, get } from 'node:http'
import { Agent as HttpsAgent, get as httpsGet } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { type Contender, type ContenderOptions, runWith } from '../contender.ts'

export async function create({ concurrency, ca }: ContenderOptions): Promise<Contender> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: concurrency, ca })
  return {
    run: runWith(
      (url) =>
        new Promise((resolve, reject) => {
          const read = (response: IncomingMessage): void => {
            let bytes = 0
            response.on('data', (chunk: Buffer) => {
              bytes += chunk.length
            })
            response.on('end', () => resolve(bytes))
            response.on('error', reject)
          }
          const request = url.startsWith('https:')
            ? httpsGet(url, { agent: httpsAgent }, read)
            : get(url, { agent }, read)
          request.on('error', reject)
        }),
    ),
    close: async () => {
      agent.destroy()
      httpsAgent.destroy()
    },
  }
}
