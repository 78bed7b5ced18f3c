import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { upload } from '../../examples/upload.ts'

it('the example uploads a file to who wants it, and not a byte to who does not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'upload-'))
  const path = join(directory, 'file')
  const content = Buffer.alloc(300_000, 'content ')
  writeFileSync(path, content)
  const server = createServer()
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/full') {
      response.writeHead(507, { Connection: 'close' }).end()
      return
    }
    response.writeContinue()
    const hash = createHash('sha256')
    request.on('data', (chunk: Buffer) => hash.update(chunk))
    request.on('end', () => {
      response.writeHead(201, { Trailer: 'Content-Digest' })
      response.addTrailers({ 'Content-Digest': hash.digest('hex') })
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const lines: string[] = []
    const report = (line: string): number => lines.push(line)
    expect(await upload(`${origin}/inbox`, path, report)).toBe(201)
    const digest = createHash('sha256').update(content).digest('hex')
    expect(lines).toEqual(['100 Continue', '201 after 300000 of 300000 bytes', `the server got ${digest}`])
    lines.length = 0
    expect(await upload(`${origin}/full`, path, report)).toBe(507)
    expect(lines).toEqual(['507 after 0 of 300000 bytes'])
  } finally {
    await new Promise((resolve) => server.close(resolve))
    rmSync(directory, { recursive: true })
  }
})
