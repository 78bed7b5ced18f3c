import { Agent, get } from 'node:http'
import { type Contender, ownCpuSeconds } from '../contender.ts'

export async function create(): Promise<Contender> {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 })
  return {
    get: (url) =>
      new Promise((resolve, reject) => {
        get(url, { agent }, (response) => {
          let bytes = 0
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length
          })
          response.on('end', () => resolve(bytes))
          response.on('error', reject)
        }).on('error', reject)
      }),
    cpuSeconds: ownCpuSeconds,
    close: async () => agent.destroy(),
  }
}
