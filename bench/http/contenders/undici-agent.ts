// How every undici contender connects: as many connections as are asked for at once, or one over HTTP/2.
import { Agent } from 'undici'
import type { ContenderOptions } from '../contender.ts'

export function undiciAgent({ protocol, concurrency, ca }: ContenderOptions): Agent {
  const isHttp2 = protocol === 'h2'
  return new Agent({
    connections: isHttp2 ? 1 : concurrency,
    pipelining: isHttp2 ? concurrency : 1,
    allowH2: isHttp2,
    maxConcurrentStreams: concurrency,
    connect: { ca },
  })
}
