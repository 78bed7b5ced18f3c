import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SocketClient, SocketFamily, UnixSocketAddress, UnixSocketAddressType } from '@wpe-networking/glib-gio'

const { ANONYMOUS, PATH, ABSTRACT, ABSTRACT_PADDED, INVALID } = UnixSocketAddressType
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('UnixSocketAddress', () => {
  it('is a file, an abstract name or nothing', () => {
    expect(new UnixSocketAddress('/run/x')).toMatchObject({ addressType: PATH, family: SocketFamily.UNIX })
    expect(new UnixSocketAddress('\0x').addressType).toBe(ABSTRACT)
    expect(new UnixSocketAddress('').addressType).toBe(ANONYMOUS)
    expect(
      [new UnixSocketAddress('/run/x'), new UnixSocketAddress('\0x'), new UnixSocketAddress('')].map(String),
    ).toEqual(['/run/x', '@x', 'anonymous'])
  })

  it('can be made of bytes, with a type', () => {
    expect(UnixSocketAddress.withType(bytes('/run/\u00fc'), PATH)).toMatchObject({
      path: '/run/\u00fc',
      pathAsArray: bytes('/run/\u00fc'),
      pathLen: 7,
    })
    expect(UnixSocketAddress.withType('name', ABSTRACT)).toMatchObject({
      path: '\0name',
      pathAsArray: bytes('name'),
      pathLen: 4,
    })
    const padded = UnixSocketAddress.withType('name', ABSTRACT_PADDED)
    expect(padded).toMatchObject({ addressType: ABSTRACT_PADDED, pathLen: 107 })
    expect(String(padded)).toBe('@name')
    expect(UnixSocketAddress.withType('', ANONYMOUS).path).toBe('')
  })

  it.each([
    ['more than 107 bytes', () => new UnixSocketAddress(`/${'\u00fc'.repeat(54)}`)],
    ['a NUL inside', () => new UnixSocketAddress('/run/\0x')],
    ['no type', () => UnixSocketAddress.withType('x', INVALID)],
    ['other bytes than UTF-8', () => UnixSocketAddress.withType(Uint8Array.of(0x2f, 0xff), PATH)],
  ])('does not take %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ domain: 'g-io-error-quark', code: 'INVALID_ARGUMENT' }))
  })

  async function connectTo(address: UnixSocketAddress): Promise<void> {
    const server = createServer((socket) => socket.end('hello')).listen({ path: address.path })
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const connection = await new SocketClient().connect(address)
    const chunks: Buffer[] = []
    for await (const chunk of connection.ioStream) chunks.push(chunk as Buffer)
    expect(String(Buffer.concat(chunks))).toBe('hello')
    await connection.close()
  }

  it('is connected to as a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unix-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await connectTo(new UnixSocketAddress(join(folder, 's')))
  })

  it.runIf(UnixSocketAddress.abstractNamesSupported).each([ABSTRACT, ABSTRACT_PADDED])(
    'is connected to by its abstract name, type %i',
    async (type) => {
      await connectTo(UnixSocketAddress.withType(`wpe-networking-test-${process.pid}-${type}`, type))
    },
  )
})
