// The server process of the HTTP measurements: as little work per request as Node can do, so that the clients are what is
// measured. Answers any path that ends in /N with N bytes, and closes after it when the path begins with /close. Its only
// line of output is a JSON object with the origin of each protocol and the authority of the certificates.
import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { CertificateAuthority } from '@wpe-networking/test-support'

/** What the line of output holds. */
export interface Origins {
  readonly http: string
  readonly https: string
  readonly h2: string
  readonly ca: string
}

const piece = Buffer.alloc(256 * 1024, 'wpe networking ')
const endOfHead = Buffer.from('\r\n\r\n')
const ready = new Map<string, Buffer>()

function head(size: number, closes: boolean): string {
  const connection = closes ? 'Connection: close\r\n' : ''
  return `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n${connection}Content-Length: ${size}\r\n\r\n`
}

/** Small answers are made once and written whole. */
function smallAnswer(size: number, closes: boolean): Buffer {
  const key = `${size} ${closes}`
  let answer = ready.get(key)
  if (!answer) ready.set(key, (answer = Buffer.concat([Buffer.from(head(size, closes)), piece.subarray(0, size)])))
  return answer
}

function writeLarge(socket: Socket, size: number): void {
  let left = size
  socket.write(head(size, false))
  const more = (): void => {
    while (left > 0) {
      const chunk = left < piece.length ? piece.subarray(0, left) : piece
      left -= chunk.length
      if (!socket.write(chunk)) break
    }
    if (left > 0) socket.once('drain', more)
  }
  more()
}

function sizeOf(path: string): number {
  return Number(path.slice(path.lastIndexOf('/') + 1))
}

function answer(socket: Socket, path: string): void {
  const size = sizeOf(path)
  const closes = path.startsWith('/close')
  if (size > piece.length) writeLarge(socket, size)
  else if (closes) socket.end(smallAnswer(size, true))
  else socket.write(smallAnswer(size, false))
}

function serve(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    let data: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (let end = data.indexOf(endOfHead); end >= 0; end = data.indexOf(endOfHead)) {
      answer(socket, data.toString('latin1', 4, data.indexOf(' ', 4)))
      data = data.subarray(end + endOfHead.length)
    }
    rest = data
  })
}

/** On both loopback addresses, so that nobody pays for the order in which he tries those of localhost. */
async function listen(create: () => Server, scheme: string): Promise<string> {
  const open = async (host: string, wanted: number): Promise<number> => {
    const server = create()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(wanted, host, resolve))
    return (server.address() as AddressInfo).port
  }
  const port = await open('127.0.0.1', 0)
  await open('::1', port)
  return `${scheme}://localhost:${port}`
}

const authority = await CertificateAuthority.create()
const { certificatePem: cert, privateKeyPem: key } = await authority.issue()

function createHttp2(): Server {
  const server = createSecureServer({ cert, key, allowHTTP1: false })
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const size = sizeOf(String(headers[':path']))
    stream.respond({ ':status': 200, 'content-type': 'application/octet-stream', 'content-length': size })
    stream.end(piece.subarray(0, size))
  })
  return server
}

const origins: Origins = {
  http: await listen(() => createServer({ noDelay: true }, serve), 'http'),
  https: await listen(() => createTlsServer({ cert, key, noDelay: true, ALPNProtocols: ['http/1.1'] }, serve), 'https'),
  h2: await listen(createHttp2, 'https'),
  ca: authority.certificatePem,
}
console.log(JSON.stringify(origins))
process.on('disconnect', () => process.exit())
