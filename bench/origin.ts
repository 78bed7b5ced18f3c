// The server process of every measurement: as little work per request as a node:net server can do, so that the clients are
// what is measured. Answers any path of the form /N with N bytes; prints its port as its only line.
import { createServer, type AddressInfo, type Socket } from 'node:net'

const piece = Buffer.alloc(256 * 1024, 'wpe networking ')
const endOfHead = Buffer.from('\r\n\r\n')
const ready = new Map<number, Buffer>()

function head(size: number): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${size}\r\n\r\n`
}

/** Small answers are made once and written whole. */
function smallAnswer(size: number): Buffer {
  let answer = ready.get(size)
  if (!answer) ready.set(size, (answer = Buffer.concat([Buffer.from(head(size)), piece.subarray(0, size)])))
  return answer
}

function writeLarge(socket: Socket, size: number): void {
  let left = size
  socket.write(head(size))
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

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    let data: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (let end = data.indexOf(endOfHead); end >= 0; end = data.indexOf(endOfHead)) {
      const size = Number(data.toString('latin1', 5, data.indexOf(' ', 5)))
      if (size <= piece.length) socket.write(smallAnswer(size))
      else writeLarge(socket, size)
      data = data.subarray(end + endOfHead.length)
    }
    rest = data
  })
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
