// A real SOCKS proxy on loopback: Debian's dante-server, versions 4 and 5 without authentication.

import { closingAfter } from './listening-server.ts'
import { isInstalled, type ProxyProcess, startProxyProcess } from './proxy-process.ts'

export interface DantedOptions {
  /** A port it does not connect to. */
  readonly deniedPort?: number
}

export function hasDanted(): boolean {
  return isInstalled('danted')
}

/** Starts one that connects to addresses of this machine, IPv4 and IPv6; close it yourself. */
export async function startDanted({ deniedPort }: DantedOptions = {}): Promise<ProxyProcess> {
  return await startProxyProcess({
    command: 'danted',
    arguments: (directory) => ['-f', `${directory}/danted.conf`, '-p', `${directory}/danted.pid`],
    files: (_, port) => ({
      'danted.conf': [
        'logoutput: stderr',
        'errorlog: stderr',
        `internal: 127.0.0.1 port = ${port}`,
        'external: lo',
        'clientmethod: none',
        'socksmethod: none',
        ...(process.getuid?.() === 0 ? ['user.privileged: root', 'user.unprivileged: nobody'] : []),
        'client pass { from: 0/0 to: 0/0 }',
        ...(deniedPort === undefined ? [] : [`socks block { from: 0/0 to: 0/0 port = ${deniedPort} }`]),
        'socks pass { from: 0/0 to: 0/0 protocol: tcp }',
        '',
      ].join('\n'),
    }),
  })
}

/** Runs `use` with one. */
export async function withDanted<T>(options: DantedOptions, use: (proxy: ProxyProcess) => Promise<T>): Promise<T> {
  return await closingAfter(startDanted(options), use)
}
