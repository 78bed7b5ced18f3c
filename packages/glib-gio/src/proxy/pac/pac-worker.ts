// The thread that a proxy auto-configuration script runs in. Started by PacRunner; the only file that loads the engine.

import { parentPort, workerData } from 'node:worker_threads'
import type { PacReply, PacRequest, PacWorkerData } from './pac-messages.ts'

/** Memory of the script, in bytes. */
const MEMORY_LIMIT = 32 * 1024 * 1024

const { script, ownAddress } = workerData as PacWorkerData
const port = parentPort
if (port === null) throw new Error('This file is for a thread that PacRunner starts.')

/** Of the run in progress. */
let names: ReadonlyMap<string, string | null> = new Map()
let missingName: string | null = null

function reply(message: PacReply): void {
  port?.postMessage(message)
}

/** Runs are repeated until all names are known: nothing in a script can wait, and other lookups need not. */
function resolveName(host: unknown): string | null {
  const name = String(host)
  const address = names.get(name)
  if (address !== undefined) return address
  missingName ??= name
  throw new Error('This run ends here, the name has to be looked up first.')
}

function ipv4Number(text: unknown): number | null {
  const match = /^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(String(text))
  const bytes = match?.slice(1).map(Number)
  if (!bytes || bytes.some((byte) => byte > 255)) return null
  return bytes.reduce((number, byte) => ((number << 8) | byte) >>> 0, 0)
}

/** The functions of scripts that pac-resolver would have go to the network by themselves, or write to the terminal. */
const ownFunctions = {
  alert: () => undefined,
  dnsResolve: resolveName,
  isResolvable: (host: unknown) => resolveName(host) !== null,
  isInNet: (host: unknown, pattern: unknown, mask: unknown) => {
    const address = ipv4Number(host) ?? ipv4Number(resolveName(host))
    const [network, bits] = [ipv4Number(pattern), ipv4Number(mask)]
    if (address === null || network === null || bits === null) return false
    return (address & bits) === (network & bits)
  },
  myIpAddress: () => ownAddress,
}

async function load(): Promise<(url: string, host: string) => unknown> {
  const [{ sandbox }, { QuickJS }] = await Promise.all([import('pac-resolver'), import('quickjs-wasi')])
  const vm = await QuickJS.create({ memoryLimit: MEMORY_LIMIT })
  const functions: Readonly<Record<string, (...args: never[]) => unknown>> = { ...sandbox, ...ownFunctions }
  for (const [name, call] of Object.entries(functions)) {
    const callback = (...args: Parameters<typeof vm.dump>[0][]): ReturnType<typeof vm.newString> =>
      vm.hostToHandle(call(...args.map((arg) => vm.dump(arg) as never)))
    vm.newFunction(name, callback).consume((handle) => vm.setProp(vm.global, name, handle))
  }
  vm.evalCode(script, 'proxy.pac').dispose()
  const find = vm.evalCode('FindProxyForURL', 'proxy.pac')
  return (url, host) =>
    vm
      .newString(url)
      .consume((urlHandle) =>
        vm
          .newString(host)
          .consume((hostHandle) =>
            vm.callFunction(find, vm.undefined, urlHandle, hostHandle).consume((result) => vm.dump(result)),
          ),
      )
}

const loading = load()
loading.catch((error: unknown) => {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
  if (isMissing) reply({ type: 'missing', message: error.message })
})

async function run(request: PacRequest): Promise<void> {
  const { id } = request
  try {
    const find = await loading
    names = request.names
    missingName = null
    const result = find(request.url, request.host)
    // A script may have caught what ended the run.
    if (missingName === null) reply({ type: 'found', id, result })
    else reply({ type: 'needs-name', id, name: missingName })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (missingName === null) {
      reply({ type: 'failed', id, message, isFatal: error instanceof Error && error.name === 'RuntimeError' })
    } else {
      reply({ type: 'needs-name', id, name: missingName })
    }
  }
}

port.on('message', (request: PacRequest) => void run(request))
