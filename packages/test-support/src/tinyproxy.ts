// Another real HTTP proxy on loopback: Debian's tinyproxy.

import { closingAfter } from './listening-server.ts'
import { isInstalled, type ProxyProcess, startProxyProcess } from './proxy-process.ts'

export interface TinyproxyOptions {
  /** Asks for Basic credentials: these. Of letters and digits. */
  readonly user?: string
  readonly password?: string
  /** The only ports it connects to with CONNECT; default any. */
  readonly connectPorts?: readonly number[]
}

export function hasTinyproxy(): boolean {
  return isInstalled('tinyproxy')
}

/** Starts one; close it yourself. */
export async function startTinyproxy(options: TinyproxyOptions = {}): Promise<ProxyProcess> {
  return await startProxyProcess({
    command: 'tinyproxy',
    arguments: (directory) => ['-d', '-c', `${directory}/tinyproxy.conf`],
    files: (_, port) => ({
      'tinyproxy.conf': [
        `Port ${port}`,
        'Listen 127.0.0.1',
        'Timeout 60',
        'LogLevel Error',
        ...(options.user === undefined ? [] : [`BasicAuth ${options.user} ${options.password ?? ''}`]),
        ...(options.connectPorts ?? []).map((connectPort) => `ConnectPort ${connectPort}`),
        '',
      ].join('\n'),
    }),
  })
}

/** Runs `use` with one. */
export async function withTinyproxy<T>(
  options: TinyproxyOptions,
  use: (proxy: ProxyProcess) => Promise<T>,
): Promise<T> {
  return await closingAfter(startTinyproxy(options), use)
}
