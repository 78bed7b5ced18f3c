// Opens and closes thousands of TLS connections per backend, client and server in one process, and shows that memory stays
// flat and that nothing is left: no socket, no timer, no handle of the library.
//
//   npm run soak                          20 000 connections with each backend
//   npm run soak -- --connections=2000
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import {
  InetAddress,
  InetSocketAddress,
  loadTlsBackend,
  NetworkAddress,
  SocketClient,
  SocketFamily,
  SocketListener,
  TlsCertificate,
  TlsClientConnection,
  TlsDatabase,
  TlsServerConnection,
  type SocketConnection,
  type TlsBackendName,
} from '@wpe-networking/glib-gio'
import { CertificateAuthority } from '@wpe-networking/test-support'

const { values: options } = parseArgs({
  options: { connections: { type: 'string', default: '20000' }, backend: { type: 'string', default: '' } },
})

const SAMPLES = 10
const AT_ONCE = 16
/** By this sample, counted from 0, caches are filled and the heap has its size. */
const WARM = 2
/** What a process may grow by from then on; a single leaked kilobyte a connection would be 14 MB. */
const MAXIMUM_GROWTH_MB = 12

interface Sample {
  readonly connections: number
  readonly heapMb: number
  readonly rssMb: number
}

/** Resources that keep a process alive, but its standard streams and the channel to the parent. */
function activeResources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => !/^(?:PipeWrap|TTYWrap|FSReqPromise|TickObject)$/.test(name))
}

function takeSample(connections: number): Sample {
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { connections, heapMb: (heapUsed + external) / 2 ** 20, rssMb: rss / 2 ** 20 }
}

async function serve(
  connection: SocketConnection,
  certificate: TlsCertificate,
  backend: TlsBackendName,
): Promise<void> {
  const tls = TlsServerConnection.create(connection.ioStream, { certificate, backend })
  await tls.handshake()
  await finished(tls.ioStream.pipe(tls.ioStream))
}

async function connectOnce(
  address: NetworkAddress,
  database: TlsDatabase,
  backend: TlsBackendName,
  message: Buffer,
): Promise<void> {
  const connection = await new SocketClient().connect(address)
  const tls = TlsClientConnection.create(connection.ioStream, { serverIdentity: 'localhost', database, backend })
  await tls.handshake()
  tls.ioStream.write(message)
  let received = 0
  tls.ioStream.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received >= message.length) tls.ioStream.end()
  })
  await once(tls.ioStream, 'close')
  if (received !== message.length) throw new Error(`${received} bytes came back of ${message.length}`)
}

async function soak(backend: TlsBackendName, total: number): Promise<void> {
  const authority = await CertificateAuthority.create()
  const issued = await authority.issue()
  const certificate = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
  const database = new TlsDatabase([authority.certificatePem])
  const message = Buffer.alloc(1024, 'x')
  const before = activeResources()
  const listener = new SocketListener()
  const failures: unknown[] = []
  listener.on('incoming', (connection) => {
    serve(connection, certificate, backend).catch((error: unknown) => failures.push(error))
  })
  const bound = await listener.addAddress(new InetSocketAddress(InetAddress.loopback(SocketFamily.IPV4), 0))
  if (!(bound instanceof InetSocketAddress)) throw new Error('There is no port.')
  const address = new NetworkAddress('127.0.0.1', bound.port)

  const samples: Sample[] = []
  for (let done = 0, step = Math.ceil(total / SAMPLES); done < total; done += step) {
    let left = step
    const worker = async (): Promise<void> => {
      while (left-- > 0) await connectOnce(address, database, backend, message)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    samples.push(takeSample(done + step))
  }
  listener.close()
  if (failures.length > 0) throw failures[0]
  const library = (await loadTlsBackend(backend)) as { handles?: object; releaseIdle?(): void }
  library.releaseIdle?.()
  // What a close leaves to the next turns of the event loop.
  for (let turns = 0; turns < 100 && activeResources().length > before.length; turns++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  process.send?.({ samples, left: activeResources().slice(before.length), handles: library.handles ?? null })
}

interface Outcome {
  readonly samples: readonly Sample[]
  readonly left: readonly string[]
  readonly handles: Readonly<Record<string, number>> | null
}

/** Prints one backend's row; false when memory grew or something was left. */
async function report(backend: TlsBackendName): Promise<boolean> {
  const child = fork(import.meta.filename, [`--backend=${backend}`, `--connections=${options.connections}`], {
    execArgv: ['--expose-gc'],
  })
  const [outcome] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Outcome | number]
  if (typeof outcome !== 'object' || outcome === null) return false
  const { samples, left, handles } = outcome
  console.log(`\n${backend}\n  connections   heap MB    RSS MB`)
  for (const { connections, heapMb, rssMb } of samples) {
    console.log(
      `  ${String(connections).padStart(11)} ${heapMb.toFixed(1).padStart(9)} ${rssMb.toFixed(1).padStart(9)}`,
    )
  }
  const growth = (samples.at(-1)?.rssMb ?? 0) - (samples[WARM]?.rssMb ?? 0)
  const open = Object.values(handles ?? {}).reduce((sum, count) => sum + count, 0)
  const library = handles === null ? '' : `, handles of the library left: ${open}`
  console.log(
    `  growth after ${samples[WARM]?.connections} connections ${growth.toFixed(1)} MB, resources left: ${left.join(', ') || 'none'}${library}`,
  )
  return growth <= MAXIMUM_GROWTH_MB && left.length === 0 && open === 0
}

if (options.backend === '') {
  console.log(`${options.connections} connections opened and closed per backend, ${AT_ONCE} at once, 1 KB each way`)
  const results = [await report('openssl'), await report('gnutls')]
  process.exitCode = results.every(Boolean) ? 0 : 1
} else {
  await soak(options.backend as TlsBackendName, Number(options.connections))
  process.disconnect?.()
}
