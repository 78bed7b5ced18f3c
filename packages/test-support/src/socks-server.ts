// A small SOCKS proxy: 4, 4A (which dante does not know), and 5 with a user and a password (RFC 1928, RFC 1929), which real
// proxies take from the users of the system. It tells what it was asked for.

import { connect, isIPv6, type Socket } from 'node:net'
import { closingAfter, type ListeningServer } from './listening-server.ts'
import { startRawServer } from './raw-server.ts'

export interface SocksServerOptions {
  /** Asks clients of version 5 for these; without a user, for nothing. */
  readonly user?: string
  readonly password?: string
  /** Where names lead, whatever they are; default: 127.0.0.1. */
  readonly resolve?: (name: string) => string
}

export interface SocksServer extends ListeningServer {
  /** What clients asked to be connected to, as 'name:port', in order. */
  readonly destinations: readonly string[]
}

/** Starts it; close it yourself. */
export async function startSocksServer(options: SocksServerOptions = {}): Promise<SocksServer> {
  const destinations: string[] = []
  const server = await startRawServer((socket) => {
    serve(socket, options, destinations).catch(() => socket.destroy())
  })
  return Object.assign(server, { destinations })
}

/** Runs `use` with one. */
export async function withSocksServer<T>(
  options: SocksServerOptions,
  use: (server: SocksServer) => Promise<T>,
): Promise<T> {
  return await closingAfter(startSocksServer(options), use)
}

async function serve(client: Socket, options: SocksServerOptions, destinations: string[]): Promise<void> {
  const take = reader(client)
  const [version] = await take(1)
  const destination = version === 4 ? await askVersion4(take) : await askVersion5(client, take, options)
  if (destination === null) return
  const { name, isName, port } = destination
  destinations.push(isIPv6(name) ? `[${name}]:${port}` : `${name}:${port}`)
  const [granted, refused] = version === 4 ? [Buffer.of(0, 90, ...NOWHERE), Buffer.of(0, 91, ...NOWHERE)] : REPLIES_5
  const target = connect(port, isName ? (options.resolve?.(name) ?? '127.0.0.1') : name, () => {
    client.write(granted)
    client.pipe(target)
    target.pipe(client)
  })
  target.on('error', () => client.end(refused))
  client.on('close', () => target.destroy())
}

interface Destination {
  readonly name: string
  readonly isName: boolean
  readonly port: number
}

const NOWHERE = [0, 0, 0, 0, 0, 0] as const
const REPLIES_5 = [Buffer.of(5, 0, 0, 1, ...NOWHERE), Buffer.of(5, 5, 0, 1, ...NOWHERE)] as const

async function askVersion4(take: Take): Promise<Destination> {
  await take(1)
  const port = (await take(2)).readUInt16BE()
  const address = await take(4)
  await takeTerminated(take) // the user, which it does not ask for
  const isName = address.subarray(0, 3).every((byte) => byte === 0)
  return { name: isName ? await takeTerminated(take) : addressText(address), isName, port }
}

/** null when it does not let the client in. */
async function askVersion5(client: Socket, take: Take, options: SocksServerOptions): Promise<Destination | null> {
  const wanted = options.user === undefined ? 0 : 2
  const offered = await takeCounted(take)
  client.write(Buffer.of(5, offered.includes(wanted) ? wanted : 0xff))
  if (!offered.includes(wanted)) return null
  if (wanted === 2) {
    await take(1)
    const [user, password] = [(await takeCounted(take)).toString(), (await takeCounted(take)).toString()]
    const isKnown = user === options.user && password === options.password
    client.write(Buffer.of(1, isKnown ? 0 : 1))
    if (!isKnown) return null
  }
  const [, , , type] = await take(4)
  const isName = type === 3
  const name = isName ? (await takeCounted(take)).toString() : addressText(await take(type === 4 ? 16 : 4))
  return { name, isName, port: (await take(2)).readUInt16BE() }
}

type Take = (length: number) => Promise<Buffer>

async function takeCounted(take: Take): Promise<Buffer> {
  const [length = 0] = await take(1)
  return length === 0 ? Buffer.alloc(0) : await take(length)
}

async function takeTerminated(take: Take): Promise<string> {
  const bytes: number[] = []
  for (;;) {
    const [byte = 0] = await take(1)
    if (byte === 0) return Buffer.from(bytes).toString()
    bytes.push(byte)
  }
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16)).join(':')
  return new URL(`http://[${words}]`).hostname.slice(1, -1)
}

/** Takes exact numbers of bytes; rejects when the client goes. */
function reader(socket: Socket): Take {
  return async (length) => {
    for (;;) {
      const bytes = socket.read(length) as Buffer | null
      if (bytes?.length === length) return bytes
      await new Promise<void>((resolve, reject) => {
        socket.once('readable', resolve).once('close', () => reject(new Error('The client has gone.')))
      })
    }
  }
}
