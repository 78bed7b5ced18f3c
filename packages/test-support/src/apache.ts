// A real HTTP server on loopback: Debian's apache2, with the modules and directives a test wants.

import { closingAfter } from './listening-server.ts'
import { isInstalled, type ProxyProcess, startProxyProcess } from './proxy-process.ts'

export interface ApacheOptions {
  /** Names without 'mod_' besides those every configuration here has (authn_core, authz_core, alias, mpm_event). */
  readonly modules?: readonly string[]
  /** Put into the server's directory, by name; everybody may read them. */
  readonly files?: Readonly<Record<string, string>>
  /** Lines of its configuration. GET of whatever path there is gives the text 'hello'. */
  directives(directory: string, port: number): readonly string[]
  /** Added to its environment, e.g. KRB5_KTNAME. */
  readonly environment?: Readonly<Record<string, string>>
}

const MODULES = '/usr/lib/apache2/modules'

export function hasApache(): boolean {
  return isInstalled('apache2')
}

/** Starts one; close it yourself. */
export async function startApache(options: ApacheOptions): Promise<ProxyProcess> {
  return await startProxyProcess({
    command: 'apache2',
    arguments: (directory) => ['-d', directory, '-f', `${directory}/apache.conf`, '-DFOREGROUND'],
    ...(options.environment && { environment: options.environment }),
    files: (directory, port) => ({
      ...options.files,
      'hello.txt': 'hello',
      'apache.conf': configuration(options, directory, port),
    }),
  })
}

/** Runs `use` with one. */
export async function withApache<T>(options: ApacheOptions, use: (server: ProxyProcess) => Promise<T>): Promise<T> {
  return await closingAfter(startApache(options), use)
}

function configuration(options: ApacheOptions, directory: string, port: number): string {
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'alias', ...(options.modules ?? [])]
  return [
    ...modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    // As root it hands requests to another user; as anybody else it ignores these.
    'User nobody',
    'Group nogroup',
    'ServerName localhost',
    `Listen 127.0.0.1:${port}`,
    `DocumentRoot ${directory}`,
    `AliasMatch "^/" ${directory}/hello.txt`,
    `PidFile ${directory}/apache.pid`,
    `DefaultRuntimeDir ${directory}`,
    `Mutex file:${directory}`,
    `ErrorLog ${directory}/error.log`,
    'StartServers 1',
    'ServerLimit 2',
    'ThreadsPerChild 8',
    'MaxRequestWorkers 16',
    'MinSpareThreads 1',
    'MaxSpareThreads 16',
    'AcceptPathInfo On',
    ...options.directives(directory, port),
    '',
  ].join('\n')
}
