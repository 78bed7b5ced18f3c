import { Agent, fetch } from 'undici'
import { type Contender, ownCpuSeconds } from '../contender.ts'

export async function create(): Promise<Contender> {
  const dispatcher = new Agent({ connections: 128, pipelining: 1 })
  return {
    get: async (url) => {
      const response = await fetch(url, { dispatcher })
      let bytes = 0
      for await (const chunk of response.body!) bytes += (chunk as Uint8Array).length
      return bytes
    },
    cpuSeconds: ownCpuSeconds,
    close: () => dispatcher.close(),
  }
}
