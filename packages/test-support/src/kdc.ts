// A real Kerberos realm on loopback: MIT's KDC with a database of its own in a temporary directory. What is to use the realm
// needs `environment`, which the Kerberos library reads. Programs: krb5-kdc, krb5-admin-server, krb5-user of Debian.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { closingAfter } from './listening-server.ts'
import { isInstalled, startProxyProcess } from './proxy-process.ts'

export interface KdcOptions {
  /** Default `TEST.REALM`. */
  readonly realm?: string
  /** Passwords by name; of letters and digits. */
  readonly users: Readonly<Record<string, string>>
  /** Such as `HTTP/localhost`; their keys are in the keytab. */
  readonly services: readonly string[]
}

export interface Kdc {
  readonly port: number
  readonly realm: string
  /** The keys of the services, readable for everybody. */
  readonly keytab: string
  /** `KRB5_CONFIG` and the like, for servers as for clients; a client's tickets are not in it. */
  readonly environment: Readonly<Record<string, string>>
  /** Gets a ticket-granting ticket and returns the value of `KRB5CCNAME` that stands for it. */
  kinit: (user: string, password: string) => Promise<string>
  close: () => Promise<void>
}

const ENDS_WITHIN_MS = 20_000

export function hasKdc(): boolean {
  return ['krb5kdc', 'kdb5_util', 'kadmin.local', 'kinit'].every(isInstalled)
}

/** Starts one; close it yourself. */
export async function startKdc(options: KdcOptions): Promise<Kdc> {
  const realm = options.realm ?? 'TEST.REALM'
  let directory = ''
  const program = await startProxyProcess({
    command: 'sh',
    arguments: (own) => [join(own, 'start.sh')],
    files: (own, ownPort) => {
      directory = own
      return {
        'krb5.conf': clientConfiguration(realm, ownPort),
        'kdc.conf': kdcConfiguration(realm, own, ownPort),
        'start.sh': startScript(options, realm, own),
      }
    },
  })
  const environment = environmentIn(directory)
  let caches = 0
  return {
    port: program.port,
    realm,
    keytab: join(directory, 'keytab'),
    environment,
    kinit: async (user, password) => {
      const cache = `FILE:${join(directory, `ccache-${++caches}`)}`
      await kinit(user, password, { ...process.env, ...environment, KRB5CCNAME: cache })
      return cache
    },
    close: () => program.close(),
  }
}

/** Runs `use` with one. */
export async function withKdc<T>(options: KdcOptions, use: (kdc: Kdc) => Promise<T>): Promise<T> {
  return await closingAfter(startKdc(options), use)
}

/** A configuration of clients of the realm; nothing is asked of DNS. */
export function clientConfiguration(realm: string, port: number): string {
  return `[libdefaults]
  default_realm = ${realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  udp_preference_limit = 1
  forwardable = true
[realms]
  ${realm} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = ${realm}
`
}

function kdcConfiguration(realm: string, directory: string, port: number): string {
  return `[kdcdefaults]
  kdc_listen = ""
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${realm} = {
    database_name = ${directory}/principal
    key_stash_file = ${directory}/stash
    acl_file = ${directory}/acl
    supported_enctypes = aes256-cts-hmac-sha1-96:normal
  }
[logging]
  kdc = FILE:${directory}/kdc.log
`
}

/** Makes the database and becomes the KDC. */
function startScript({ users, services }: KdcOptions, realm: string, directory: string): string {
  const lines = Object.entries(users).map(([name, password]) => `addprinc -pw ${password} +requires_preauth ${name}`)
  for (const name of services) lines.push(`addprinc -randkey ${name}`, `ktadd -k ${directory}/keytab ${name}`)
  const variables = Object.entries(environmentIn(directory)).map(([name, value]) => `export ${name}='${value}'`)
  return `set -e
${variables.join('\n')}
kdb5_util create -s -r ${realm} -P master
kadmin.local -r ${realm} <<'END'
${lines.join('\n')}
END
touch ${directory}/keytab
chmod 644 ${directory}/keytab
exec krb5kdc -n -r ${realm} -P ${directory}/kdc.pid
`
}

function environmentIn(directory: string): Record<string, string> {
  return {
    KRB5_CONFIG: join(directory, 'krb5.conf'),
    KRB5_KDC_PROFILE: join(directory, 'kdc.conf'),
    KRB5RCACHENAME: 'none:', // Every test has tickets of its own; what servers remember of them would stay behind.
  }
}

async function kinit(user: string, password: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('kinit', [user], { env, stdio: ['pipe', 'ignore', 'pipe'], timeout: ENDS_WITHIN_MS })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdin.on('error', () => undefined) // It may end without asking.
  child.stdin.end(`${password}\n`)
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`kinit ${user} failed: ${said.trim()}`)
}
