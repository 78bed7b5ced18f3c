// Sends lines over a WebSocket and prints what comes back. Run: node examples/websocket.ts wss://example.org/echo hello

import { pathToFileURL } from 'node:url'
import { Message, Session, WebsocketCloseCode, WebsocketState } from '@wpe-networking/libsoup'
import type { WebsocketConnection } from '@wpe-networking/libsoup'

/** Sends each of `lines` to `uri`, and returns as many messages as came back until there was one for each. */
export async function exchange(
  uri: string,
  lines: readonly string[],
  report: (line: string) => void,
): Promise<string[]> {
  using session = new Session({ userAgent: 'example/1.0' })
  const connection = await session.websocketConnect(new Message('GET', uri), { signal: AbortSignal.timeout(30_000) })
  const extensions = connection.extensions.map(({ name }) => name).join(', ') || 'none'
  report(`connected; sub-protocol ${connection.protocol ?? 'none'}, extensions ${extensions}`)
  connection.keepaliveInterval = 30
  connection.keepalivePongTimeout = 10
  connection.on('error', (error) => report(`failed: ${error.message}`))

  const sending = sendAll(connection, lines)
  const answers: string[] = []
  // Reads no faster than this loop takes messages; ends when the connection does.
  for await (const [, data] of connection) {
    answers.push(data.toString())
    if (answers.length === lines.length) connection.close(WebsocketCloseCode.NORMAL, 'done')
  }
  await sending
  report(`closed with ${connection.closeCode}`)
  return answers
}

async function sendAll(connection: WebsocketConnection, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    if (connection.sendText(line) || connection.state !== WebsocketState.OPEN) continue
    // The peer does not read as fast as this sends: wait, or memory fills.
    const { promise, resolve } = Promise.withResolvers<void>()
    connection.once('drain', resolve).once('closed', resolve)
    await promise
    connection.off('drain', resolve).off('closed', resolve)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [uri = 'wss://example.org/echo', ...lines] = process.argv.slice(2)
  for (const answer of await exchange(uri, lines, (line) => console.error(line))) console.log(answer)
}
