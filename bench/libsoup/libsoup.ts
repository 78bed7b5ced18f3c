// The parts of libsoup by themselves: what look-ups cost in large jars and caches, and WebSocket echoes beside ws.
import { benchCache } from './cache.ts'
import { benchCookieJar } from './cookie-jar.ts'
import { benchWebsocketEcho } from './websocket-echo.ts'

/** Most times that a look-up among 100,000 may cost of one among 100. */
const MAX_GROWTH = 2

/** Runs every part whose title has `only` in it; short rounds with `smoke`. */
export async function benchLibsoup({ smoke, only }: { smoke: boolean; only: string }): Promise<void> {
  if ('Cookies'.includes(only)) {
    console.log('\n### Cookies, look-up by the size of the jar\n')
    verdict('cookie look-up', smoke ? benchCookieJar(1, 100) : benchCookieJar())
  }
  if ('Cache'.includes(only)) {
    console.log('\n### Cache, hits by the number of entries\n')
    const sizes = [100, smoke ? 1000 : 100_000]
    for (const kind of ['memory', 'disk'] as const) {
      verdict(`cache hit, ${kind}`, smoke ? await benchCache(kind, sizes, 1) : await benchCache(kind, sizes))
    }
  }
  if ('WebSocket echo'.includes(only)) await benchWebsocketEcho(smoke)
}

function verdict(what: string, growth: number): void {
  const word = growth <= MAX_GROWTH ? 'reached' : 'MISSED'
  console.log(`\n${word}: ${what}, among most / among 100: ${growth.toFixed(2)} (wanted ≤ ${MAX_GROWTH.toFixed(2)})`)
}
