// What it costs to find the cookies of a request, in a jar of 100 cookies and in one of 100,000. Design: at most 2 times.
// Both jars are asked in turn, so that a noisy moment of the machine hits both alike; the median of the rounds counts.
// Run: node bench/libsoup/cookie-jar.ts

import { pathToFileURL } from 'node:url'
import { CookieJar, Message } from '@wpe-networking/libsoup'

/** Hosts that are asked for in turn: those of a page and its neighbours. */
const HOSTS = 20
const COOKIES_PER_HOST = 5
const ROUNDS = 31
const LOOKUPS = 20_000

interface Subject {
  readonly jar: CookieJar
  readonly messages: readonly Message[]
  readonly times: number[]
}

function subject(cookies: number): Subject {
  const jar = new CookieJar()
  for (let i = 0; i < cookies; i++) {
    const host = Math.floor(i / COOKIES_PER_HOST)
    jar.setCookie(
      `https://www.site${host}.example/`,
      `name${i % COOKIES_PER_HOST}=${'v'.repeat(30)}${i}; Max-Age=86400`,
    )
  }
  const hosts = cookies / COOKIES_PER_HOST
  const messages = Array.from({ length: HOSTS }, (_, i) => {
    const host = Math.floor((i * hosts) / HOSTS)
    return new Message('GET', `https://www.site${host}.example/page`)
  })
  return { jar, messages, times: [] }
}

/** Nanoseconds for what a session does for each message: find the cookies, write the header. */
function measure({ jar, messages }: Subject, lookups: number): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < lookups; i++) jar.requestStarting(messages[i % HOSTS] as Message)
  return Number(process.hrtime.bigint() - start) / lookups
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] as number
}

/** Prints a line for each size of the jar, and returns the ratio of the last to the first. */
export function benchCookieJar(rounds = ROUNDS, lookups = LOOKUPS): number {
  const subjects = [100, 1000, 10_000, 100_000].map((size) => ({ size, ...subject(size) }))
  for (let round = 0; round <= rounds; round++) {
    for (const one of subjects) {
      const time = measure(one, lookups)
      if (round > 0) one.times.push(time) // the first warms up
    }
  }
  const base = median(subjects[0]?.times ?? [])
  let ratio = 0
  for (const { size, times } of subjects) {
    ratio = median(times) / base
    const each = `${median(times).toFixed(0).padStart(6)} ns`
    console.log(`cookie lookup among ${String(size).padStart(7)}: ${each}   ${ratio.toFixed(2)} × that among 100`)
  }
  return ratio
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) benchCookieJar()
