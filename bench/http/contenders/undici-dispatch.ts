import { type Contender, type ContenderOptions, runWith } from '../contender.ts'
import { undiciAgent } from './undici-agent.ts'

/** undici's lowest public interface: no promise, no stream, callbacks only. */
export async function create(options: ContenderOptions): Promise<Contender> {
  const dispatcher = undiciAgent(options)
  return {
    run: runWith((url) => {
      const { origin, pathname } = new URL(url)
      return new Promise((resolve, reject) => {
        let bytes = 0
        dispatcher.dispatch(
          { origin, path: pathname, method: 'GET' },
          {
            onRequestStart: () => undefined,
            onResponseStart: () => undefined,
            onResponseData: (_, chunk) => {
              bytes += chunk.length
            },
            onResponseEnd: () => resolve(bytes),
            onResponseError: (_, error) => reject(error),
          },
        )
      })
    }),
    close: () => dispatcher.close(),
  }
}
