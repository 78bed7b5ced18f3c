// What the HTTP clients are measured at, and what is wanted of ours.
import type { HttpProtocol } from './contender.ts'
import type { Origins } from './origin.ts'

/** A ratio is better the larger it is. */
export interface Target {
  readonly contender: string
  readonly peer: string
  readonly measure: 'cpu' | 'rate'
  readonly atLeast: number
}

export interface Workload {
  readonly title: string
  readonly origin: Exclude<keyof Origins, 'ca'>
  /** In front of the size. */
  readonly path?: string
  readonly size: number
  readonly concurrency: number
  readonly requests: number
  readonly rounds: number
  /** The one with which all are compared comes first. */
  readonly contenders: readonly string[]
  readonly targets: readonly Target[]
}

/** Contenders that need something installed: how to find out. */
export const NEEDS: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  curl: ['curl', '--version'],
  'native-libsoup': ['pkg-config', '--exists', 'libsoup-3.0'],
}

export function protocolOf({ origin }: Workload): HttpProtocol {
  return origin === 'h2' ? 'h2' : 'http/1.1'
}

export function isBulk({ size }: Workload): boolean {
  return size > 2 ** 20
}

const MB = 2 ** 20
const INDOORS = ['undici-request', 'undici-dispatch', 'undici-fetch', 'node-http', 'got']
const OURS = ['soup-session', 'two-processes']
const ALL = [...INDOORS, 'curl', 'native-libsoup', ...OURS]

const small = { origin: 'http', size: 1024, contenders: ALL } as const
const toRequest: Target = { contender: 'soup-session', peer: 'undici-request', measure: 'rate', atLeast: 1.3 }
const toNative: Target = { contender: 'soup-session', peer: 'native-libsoup', measure: 'rate', atLeast: 2 }
const cpuToRequest: Target = { ...toRequest, measure: 'cpu', atLeast: 1 / 0.75 }
const cpuToNative: Target = { ...toNative, measure: 'cpu' }
const smallTargets = [toRequest, cpuToRequest, toNative, cpuToNative]
const bulkTargets: Target[] = [{ contender: 'soup-session', peer: 'undici-dispatch', measure: 'rate', atLeast: 1 }]
const processes: Target = { contender: 'two-processes', peer: 'undici-fetch', measure: 'rate', atLeast: 1 }

export const workloads: readonly Workload[] = [
  { title: '1 KB GET, keep-alive, 1 at once', ...small, concurrency: 1, requests: 3_000, rounds: 5, targets: smallTargets }, // prettier-ignore
  { title: '1 KB GET, keep-alive, 16 at once', ...small, concurrency: 16, requests: 10_000, rounds: 7, targets: [...smallTargets, processes] }, // prettier-ignore
  { title: '1 KB GET, keep-alive, 128 at once', ...small, concurrency: 128, requests: 10_000, rounds: 5, targets: smallTargets }, // prettier-ignore
  {
    title: '1 KB GET over TLS, keep-alive, 16 at once',
    ...small,
    origin: 'https',
    concurrency: 16,
    requests: 10_000,
    rounds: 5,
    contenders: [...INDOORS, 'curl', 'native-libsoup', 'soup-session'],
    targets: [cpuToRequest],
  },
  {
    title: '1 KB GET over HTTP/2, one connection, 32 at once',
    origin: 'h2',
    size: 1024,
    concurrency: 32,
    requests: 10_000,
    rounds: 5,
    contenders: ['undici-request', 'undici-dispatch', 'node-http2', 'curl', 'native-libsoup', 'soup-session'],
    targets: [
      { contender: 'soup-session', peer: 'node-http2', measure: 'rate', atLeast: 0.9 },
      { contender: 'soup-session', peer: 'node-http2', measure: 'cpu', atLeast: 0.9 },
      { contender: 'soup-session', peer: 'undici-request', measure: 'rate', atLeast: 1 },
    ],
  },
  {
    title: '1 KB GET over TLS, a new connection each',
    origin: 'https',
    path: '/close',
    size: 1024,
    concurrency: 4,
    requests: 400,
    rounds: 5,
    contenders: ['undici-request', 'undici-dispatch', 'node-http', 'curl', 'native-libsoup', 'soup-session'],
    targets: [{ contender: 'soup-session', peer: 'undici-request', measure: 'rate', atLeast: 1 }],
  },
  {
    title: '256 MB download',
    origin: 'http',
    size: 256 * MB,
    concurrency: 1,
    requests: 1,
    rounds: 5,
    contenders: ALL,
    targets: [...bulkTargets, { ...processes, atLeast: 1.1 }],
  },
  {
    title: '256 MB download over TLS',
    origin: 'https',
    size: 256 * MB,
    concurrency: 1,
    requests: 1,
    rounds: 5,
    contenders: [...INDOORS, 'curl', 'native-libsoup', 'soup-session'],
    targets: bulkTargets,
  },
]
