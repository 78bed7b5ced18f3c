import { Pool } from 'undici'
import { type Contender, ownCpuSeconds } from '../contender.ts'

/** undici's lowest public interface: no promise, no stream, callbacks only. One pool, as many connections as asked at once. */
export async function create(): Promise<Contender> {
  const pools = new Map<string, Pool>()
  const poolFor = (origin: string): Pool => {
    let pool = pools.get(origin)
    if (!pool) pools.set(origin, (pool = new Pool(origin, { connections: 128, pipelining: 1 })))
    return pool
  }
  return {
    get: (url) => {
      const { origin, pathname } = new URL(url)
      return new Promise((resolve, reject) => {
        let bytes = 0
        poolFor(origin).dispatch(
          { path: pathname, method: 'GET' },
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
    },
    cpuSeconds: ownCpuSeconds,
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()))
    },
  }
}
