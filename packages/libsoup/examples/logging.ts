// Prints what goes over the wire for one URI. Run: node examples/logging.ts https://example.org/

import { pathToFileURL } from 'node:url'
import { Logger, LoggerLogLevel, Message, Session } from '@wpe-networking/libsoup'

/** Loads `uri`; each line of the log goes to `report`. Bodies are printed of text only. */
export async function trace(uri: string, report: (line: string) => void): Promise<void> {
  using session = new Session()
  const logger = new Logger(LoggerLogLevel.HEADERS, { maxBodySize: 1024 })
  logger.setPrinter((_level, direction, data) => report(`${direction} ${data}`))
  logger.setResponseFilter(({ responseHeaders }) => {
    return responseHeaders.contentType?.startsWith('text/') === true ? LoggerLogLevel.BODY : LoggerLogLevel.HEADERS
  })
  session.addFeature(logger)
  await session.sendAndRead(new Message('GET', uri), { signal: AbortSignal.timeout(30_000) })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await trace(process.argv[2] ?? 'https://example.org/', (line) => console.log(line))
}
