// The command line tools of OpenSSL and GnuTLS as peers: servers that present a chain, and clients that judge one.
// Debian: openssl, gnutls-bin.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, isIP, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PresentedChain } from '../packages/glib-networking-base/test/conformance/chains/chain-case.ts'

export type TlsTool = 'openssl' | 'gnutls'

/** A tool that hangs is ended by then. */
const LONGEST_MS = 15_000

export const hasTlsTools =
  spawnSync('openssl', ['version']).status === 0 && spawnSync('gnutls-cli', ['--version']).status === 0

/** Runs `use` with the port of a server of `tool` that presents `chain`. */
export async function withToolServer<T>(
  tool: TlsTool,
  chain: PresentedChain,
  use: (port: number) => Promise<T>,
): Promise<T> {
  return await withFiles(chain, [], async (file) => {
    const started =
      tool === 'openssl'
        ? await startOpensslServer(file, chain.issued.chainPem !== chain.issued.certificatePem)
        : await startGnutlsServer(file)
    try {
      return await use(started.port)
    } finally {
      await stop(started.process)
    }
  })
}

/** Whether the client of `tool` takes what the server on `port` presents. */
export async function toolAccepts(
  tool: TlsTool,
  port: number,
  chain: PresentedChain,
  anchors: readonly string[],
): Promise<boolean> {
  const identity = chain.identity ?? 'localhost'
  return await withFiles(chain, anchors, async (file) => {
    const child =
      tool === 'openssl'
        ? spawn('openssl', opensslClientOptions(port, identity, file('ca.pem')), {
            stdio: 'ignore',
            timeout: LONGEST_MS,
          })
        : spawn('gnutls-cli', gnutlsClientOptions(port, identity, file('ca.pem')), {
            stdio: 'ignore',
            timeout: LONGEST_MS,
          })
    const [status] = (await once(child, 'exit')) as [number | null]
    if (status === null) throw new Error(`The client of the ${tool} tools did not end by itself.`)
    return status === 0
  })
}

function opensslClientOptions(port: number, identity: string, anchorsFile: string): readonly string[] {
  const named = isIP(identity) === 0 ? ['-verify_hostname', identity] : ['-verify_ip', identity]
  // As here, an anchor need not be self-signed.
  const trusting = ['-CAfile', anchorsFile, '-no-CApath', '-no-CAstore', '-partial_chain', '-verify_return_error']
  return ['s_client', '-connect', `127.0.0.1:${port}`, ...trusting, ...named]
}

function gnutlsClientOptions(port: number, identity: string, anchorsFile: string): readonly string[] {
  return ['--port', String(port), '--x509cafile', anchorsFile, '--verify-hostname', identity, '127.0.0.1']
}

interface Started {
  readonly process: ChildProcess
  readonly port: number
}

async function startOpensslServer(file: (name: string) => string, hasIssuers: boolean): Promise<Started> {
  const credentials = ['-cert', file('leaf.pem'), '-key', file('key.pem')]
  const issuers = hasIssuers ? ['-cert_chain', file('issuers.pem')] : []
  // Weak certificates are to be presented, too.
  const options = ['-accept', '127.0.0.1:0', '-cipher', 'DEFAULT:@SECLEVEL=0', ...credentials, ...issuers]
  const process = spawn('openssl', ['s_server', ...options], { stdio: ['pipe', 'pipe', 'ignore'], timeout: LONGEST_MS })
  let output = ''
  // It goes on printing, which has to go somewhere.
  for await (const chunk of process.stdout.iterator({ destroyOnReturn: false })) {
    output += String(chunk)
    const port = /^ACCEPT 127\.0\.0\.1:(\d+)/m.exec(output)?.[1]
    if (port === undefined) continue
    process.stdout.resume()
    return { process, port: Number(port) }
  }
  throw new Error(`openssl s_server did not start: ${output}`)
}

async function startGnutlsServer(file: (name: string) => string): Promise<Started> {
  const port = await freePort()
  const credentials = ['--x509certfile', file('chain.pem'), '--x509keyfile', file('key.pem')]
  const process = spawn('gnutls-serv', ['--echo', '--port', String(port), ...credentials], {
    stdio: 'ignore',
    timeout: LONGEST_MS,
  })
  // What it prints into a pipe is held back, so that it listens shows only by its answering.
  while (!(await listens(port))) {
    if (process.exitCode !== null || process.signalCode !== null) throw new Error('gnutls-serv did not start.')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return { process, port }
}

async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return
  const exited = once(process, 'exit')
  process.kill()
  await exited
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function withFiles<T>(
  { issued }: PresentedChain,
  anchors: readonly string[],
  use: (file: (name: string) => string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tls-tools-'))
  const file = (name: string): string => join(folder, name)
  try {
    writeFileSync(file('leaf.pem'), issued.certificatePem)
    writeFileSync(file('issuers.pem'), issued.chainPem.slice(issued.certificatePem.length))
    writeFileSync(file('chain.pem'), issued.chainPem)
    writeFileSync(file('key.pem'), issued.privateKeyPem)
    writeFileSync(file('ca.pem'), anchors.join(''))
    return await use(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
