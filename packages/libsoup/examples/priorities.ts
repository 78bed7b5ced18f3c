// Makes a connection ahead of need, then sends several messages over it: the most urgent goes first.
// Run: node examples/priorities.ts https://example.org/

import { pathToFileURL } from 'node:url'
import { Message, MessagePriority, Session } from '@wpe-networking/libsoup'

/** The paths in the order in which their responses came. */
export async function load(origin: string, report: (line: string) => void): Promise<string[]> {
  using session = new Session({ maxConnsPerHost: 1 })
  const preconnected = new Message('HEAD', origin)
  await session.preconnect(preconnected)
  report(`connected to ${String(preconnected.remoteAddress)}`)

  const order: string[] = []
  const messages = [
    ['/first', MessagePriority.NORMAL],
    ['/picture', MessagePriority.LOW],
    ['/style', MessagePriority.HIGH],
    ['/banner', MessagePriority.VERY_LOW],
  ] as const
  const sent = messages.map(async ([path, priority]) => {
    const message = new Message('GET', new URL(path, origin))
    const body = session.sendAndRead(message, { priority })
    // While it waits its place may still change: the banner turns out to be what everybody looks at.
    if (path === '/banner') message.priority = MessagePriority.VERY_HIGH
    await body
    order.push(path)
  })
  await Promise.all(sent)
  return order
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(await load(process.argv[2] ?? 'https://example.org/', (line) => console.error(line)))
}
