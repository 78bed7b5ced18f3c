import { request } from 'undici'
import { type Contender, type ContenderOptions, runWith } from '../contender.ts'
import { undiciAgent } from './undici-agent.ts'

export async function create(options: ContenderOptions): Promise<Contender> {
  const dispatcher = undiciAgent(options)
  return {
    run: runWith(async (url) => {
      const { body } = await request(url, { dispatcher })
      let bytes = 0
      for await (const chunk of body) bytes += (chunk as Buffer).length
      return bytes
    }),
    close: () => dispatcher.close(),
  }
}
