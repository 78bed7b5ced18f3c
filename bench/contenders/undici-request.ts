import { Agent, request } from 'undici'
import { type Contender, ownCpuSeconds } from '../contender.ts'

export async function create(): Promise<Contender> {
  const dispatcher = new Agent({ connections: 128, pipelining: 1 })
  return {
    get: async (url) => {
      const { body } = await request(url, { dispatcher })
      let bytes = 0
      for await (const chunk of body) bytes += (chunk as Buffer).length
      return bytes
    },
    cpuSeconds: ownCpuSeconds,
    close: () => dispatcher.close(),
  }
}
