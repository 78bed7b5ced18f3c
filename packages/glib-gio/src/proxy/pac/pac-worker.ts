// The thread that a proxy auto-configuration script runs in. Started by PacRunner; the only file that loads the engine.

import { parentPort, workerData } from 'node:worker_threads'
import type { PacReply, PacRequest, PacWorkerData } from './pac-messages.ts'

/** Memory of the script, in bytes. */
const MEMORY_LIMIT = 32 * 1024 * 1024

const { script, ownAddress } = workerData as PacWorkerData
const port = parentPort
if (port === null) throw new Error('This file is for a thread that PacRunner starts.')

const questions = new Map<number, (address: string | null) => void>()
let lastDnsId = 0

function reply(message: PacReply): void {
  port?.postMessage(message)
}

function resolveName(host: unknown): Promise<string | null> {
  const dnsId = ++lastDnsId
  reply({ type: 'resolve', dnsId, host: String(host) })
  return new Promise((resolve) => questions.set(dnsId, resolve))
}

function ipv4Number(text: unknown): number | null {
  const match = /^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(String(text))
  const bytes = match?.slice(1).map(Number)
  if (!bytes || bytes.some((byte) => byte > 255)) return null
  return bytes.reduce((number, byte) => ((number << 8) | byte) >>> 0, 0)
}

/** The functions of scripts that would otherwise go to the network by themselves, or write to the terminal. */
const sandbox = {
  alert: () => undefined,
  dnsResolve: async (host: unknown) => await resolveName(host),
  isResolvable: async (host: unknown) => (await resolveName(host)) !== null,
  isInNet: async (host: unknown, pattern: unknown, mask: unknown) => {
    const address = ipv4Number(await resolveName(host))
    const [network, bits] = [ipv4Number(pattern), ipv4Number(mask)]
    if (address === null || network === null || bits === null) return false
    return (address & bits) === (network & bits)
  },

  myIpAddress: async () => ownAddress,
}

async function load(): Promise<(url: string, host: string) => Promise<unknown>> {
  const [{ createPacResolver }, { QuickJS }] = await Promise.all([import('pac-resolver'), import('quickjs-wasi')])
  const vm = await QuickJS.create({ memoryLimit: MEMORY_LIMIT })
  return createPacResolver(vm, script, { sandbox })
}

const loading = load()
loading.catch((error: unknown) => {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
  if (isMissing) reply({ type: 'missing', message: error.message })
})

async function find(id: number, url: string, host: string): Promise<void> {
  try {
    const find = await loading
    reply({ type: 'found', id, result: await find(url, host) })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    reply({ type: 'failed', id, message, isFatal: error instanceof Error && error.name === 'RuntimeError' })
  }
}

port.on('message', (message: PacRequest) => {
  if (message.type === 'find') {
    void find(message.id, message.url, message.host)
  } else {
    questions.get(message.dnsId)?.(message.address)
    questions.delete(message.dnsId)
  }
})
