// permessage-deflate as a peer would do it, with zlib streams that stay open: what WebsocketExtensionDeflate does in
// another way must be the same on the wire. Used by the tests of this folder.

import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'

export interface StreamDeflateParams {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  readonly serverMaxWindowBits: number
  readonly clientMaxWindowBits: number
}

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff])

/** The compressor of one end. */
export class StreamDeflate {
  readonly #params: StreamDeflateParams
  readonly #isClient: boolean
  #deflate: DeflateRaw | null = null
  #inflate: InflateRaw | null = null

  /** @param isClient Whether this end is the client. */
  constructor(params: StreamDeflateParams, isClient: boolean) {
    this.#params = params
    this.#isClient = isClient
  }

  async compress(data: Buffer): Promise<Buffer> {
    const { clientMaxWindowBits, serverMaxWindowBits, clientNoContextTakeover, serverNoContextTakeover } = this.#params
    const windowBits = this.#isClient ? clientMaxWindowBits : serverMaxWindowBits
    this.#deflate ??= createDeflateRaw({ windowBits: Math.max(9, windowBits) })
    const output = await through(this.#deflate, data)
    if (this.#isClient ? clientNoContextTakeover : serverNoContextTakeover) {
      this.#deflate.close()
      this.#deflate = null
    }
    return output.subarray(0, output.length - TAIL.length)
  }

  async inflate(data: Buffer): Promise<Buffer> {
    const { clientMaxWindowBits, serverMaxWindowBits, clientNoContextTakeover, serverNoContextTakeover } = this.#params
    this.#inflate ??= createInflateRaw({ windowBits: this.#isClient ? serverMaxWindowBits : clientMaxWindowBits })
    const output = await through(this.#inflate, Buffer.concat([data, TAIL]))
    if (this.#isClient ? serverNoContextTakeover : clientNoContextTakeover) {
      this.#inflate.close()
      this.#inflate = null
    }
    return output
  }

  close(): void {
    this.#deflate?.close()
    this.#inflate?.close()
  }
}

async function through(stream: DeflateRaw | InflateRaw, data: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = []
  const take = (chunk: Buffer): void => void chunks.push(chunk)
  stream.on('data', take)
  stream.write(data)
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject)
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off('error', reject)
      resolve()
    })
  })
  stream.off('data', take)
  return Buffer.concat(chunks)
}
