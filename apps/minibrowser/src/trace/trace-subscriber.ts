// `--trace`: subscribes to what every layer publishes on diagnostics channels and writes a line for each on stderr. Runs
// in all three kinds of process; the UIProcess passes on what its children write.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
import { formatTraceLine } from './trace-line.ts'

export type TraceProcessName = 'ui-process' | 'web-process' | 'network-process'

/** Where each channel is published: layer and file, as docs/one-request.md names them. */
export const TRACE_CHANNELS: Readonly<Record<string, { readonly layer: string; readonly file: string }>> = {
  'wpe:minibrowser:page': { layer: 'minibrowser', file: 'web-page-proxy' },
  'wpe:minibrowser:process': { layer: 'minibrowser', file: 'auxiliary-process-proxy' },
  'wpe:webcore:frame-load': { layer: 'webcore', file: 'frame-loader' },
  'wpe:webcore:resource-start': { layer: 'webcore', file: 'cached-resource-loader' },
  'wpe:webcore:resource-end': { layer: 'webcore', file: 'cached-resource-loader' },
  'wpe:ipc:message': { layer: 'ipc', file: 'connection' },
  'wpe:ipc:invalid-message': { layer: 'ipc', file: 'connection' },
  'wpe:network-process:resource-loader': { layer: 'network-process', file: 'network-resource-loader' },
  'wpe:soup:message': { layer: 'libsoup', file: 'session' },
  'wpe:soup:connection': { layer: 'libsoup', file: 'connection' },
  'wpe:gio:resolver': { layer: 'glib-gio', file: 'resolver' },
  'wpe:gio:socket-client': { layer: 'glib-gio', file: 'socket-client' },
  'wpe:gio:tls': { layer: 'glib-gio', file: 'tls-client-connection' },
  'wpe:tls:handshake-start': { layer: 'tls', file: 'tls-backend' },
  'wpe:tls:handshake-end': { layer: 'tls', file: 'tls-backend' },
  'wpe:tls:handshake-error': { layer: 'tls', file: 'tls-backend' },
}

/**
 * Starts tracing in this process; returns what ends it. Lines are written synchronously, so that those before a crash are
 * seen.
 *
 * @param start Start of the clock, in ms since the epoch.
 */
export function startTracing(
  processName: TraceProcessName,
  start: number,
  write: (line: string) => void = writeToStderr,
): () => void {
  const listeners = Object.entries(TRACE_CHANNELS).map(([name, { layer, file }]) => {
    const listener = (message: unknown): void => {
      write(formatTraceLine({ processName, layer, file, channel: name, start }, message))
    }
    subscribe(name, listener)
    return () => unsubscribe(name, listener)
  })
  return () => {
    for (const stop of listeners) stop()
  }
}

function writeToStderr(line: string): void {
  try {
    writeSync(2, `${line}\n`)
  } catch {
    // A reader that went away, or a full pipe: the trace is not worth stopping the load for.
  }
}
