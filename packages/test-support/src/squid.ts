// A real HTTP proxy on loopback: Debian's squid.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import type { IssuedCertificate } from './certificate-authority.ts'
import { closingAfter } from './listening-server.ts'
import { isInstalled, type ProxyProcess, startProxyProcess } from './proxy-process.ts'

export interface SquidOptions {
  /** Asks for credentials: these. Of letters and digits. */
  readonly user?: string
  readonly password?: string
  /** How: 'basic' (the default) asks a script, 'basic-ncsa' and 'digest' squid's own helpers. The realm is 'squid'. */
  readonly scheme?: 'basic' | 'basic-ncsa' | 'digest'
  /** Asks for Kerberos tickets instead, which squid's own helper checks. */
  readonly kerberos?: SquidKerberos
  /** Speaks TLS to its clients. */
  readonly certificate?: IssuedCertificate
  /** Ports it does not connect to. */
  readonly deniedPorts?: readonly number[]
}

export interface SquidKerberos {
  /** The file with the key of the service. */
  readonly keytab: string
  /** With its realm, such as `HTTP/localhost@TEST.REALM`. */
  readonly service: string
  /** `KRB5_CONFIG` and the like. */
  readonly environment: Readonly<Record<string, string>>
}

const HELPERS = '/usr/lib/squid'

export function hasSquid(): boolean {
  return isInstalled('squid')
}

/** Starts one that connects to any port of this machine; close it yourself. */
export async function startSquid(options: SquidOptions = {}): Promise<ProxyProcess> {
  return await startProxyProcess({
    command: 'squid',
    arguments: (directory, port) => ['-N', '-n', `test${port}`, '-f', `${directory}/squid.conf`],
    ...(options.kerberos && { environment: options.kerberos.environment }),
    // Ending by itself takes it two seconds, and it has nothing to save. The segments are named after -n.
    endSignal: 'SIGKILL',
    leftovers: (port) => ['metadata', 'queues', 'readers'].map((name) => `/dev/shm/test${port}-cf__${name}.shm`),
    files: (directory, port) => ({
      'squid.conf': configuration(options, directory, port),
      'check-user': checkUser(options),
      passwords: passwords(options),
      ...(options.certificate && {
        'chain.pem': options.certificate.chainPem,
        'key.pem': options.certificate.privateKeyPem,
      }),
    }),
  })
}

/** Runs `use` with one. */
export async function withSquid<T>(options: SquidOptions, use: (proxy: ProxyProcess) => Promise<T>): Promise<T> {
  return await closingAfter(startSquid(options), use)
}

function configuration(options: SquidOptions, directory: string, port: number): string {
  const files = `tls-cert=${directory}/chain.pem tls-key=${directory}/key.pem`
  const rules = (options.deniedPorts ?? []).map((denied) => `acl denied port ${denied}`)
  if (rules.length > 0) rules.push('http_access deny denied')
  if (options.user !== undefined || options.kerberos !== undefined) {
    rules.push(...helper(options, directory), 'acl known proxy_auth REQUIRED', 'http_access deny !known')
  }
  return [
    options.certificate ? `https_port 127.0.0.1:${port} ${files}` : `http_port 127.0.0.1:${port}`,
    ...rules,
    'http_access allow all',
    'cache deny all',
    'cache_mem 1 MB',
    'access_log none',
    'cache_log /dev/null',
    'pinger_enable off',
    `pid_filename ${directory}/squid.pid`,
    `coredump_dir ${directory}`,
    'visible_hostname localhost',
    '',
  ].join('\n')
}

function helper({ scheme = 'basic', kerberos }: SquidOptions, directory: string): string[] {
  if (kerberos !== undefined) {
    const { keytab, service } = kerberos
    return [
      `auth_param negotiate program ${HELPERS}/negotiate_kerberos_auth -k ${keytab} -s ${service}`,
      'auth_param negotiate children 1',
    ]
  }
  const programs = {
    basic: `${directory}/check-user`,
    'basic-ncsa': `${HELPERS}/basic_ncsa_auth ${directory}/passwords`,
    digest: `${HELPERS}/digest_file_auth -c ${directory}/passwords`,
  }
  const name = scheme === 'digest' ? 'digest' : 'basic'
  return [
    `auth_param ${name} program ${programs[scheme]}`,
    `auth_param ${name} children 1`,
    `auth_param ${name} realm squid`,
  ]
}

/** The file of squid's own helpers, as htpasswd and htdigest write it. */
function passwords({ user = '', password = '', scheme }: SquidOptions): string {
  if (scheme === 'digest') {
    return `${user}:squid:${createHash('md5').update(`${user}:squid:${password}`).digest('hex')}\n`
  }
  if (scheme !== 'basic-ncsa') return ''
  return `${user}:${execFileSync('openssl', ['passwd', '-1', '-salt', 'salt', password], { encoding: 'utf8' })}`
}

/** Squid's helper protocol: a line 'user password' in, OK or ERR out. */
function checkUser({ user = '', password = '' }: SquidOptions): string {
  return `#!/bin/sh
while read -r name word; do
  if [ "$name $word" = "${user} ${password}" ]; then echo OK; else echo ERR; fi
done
`
}
