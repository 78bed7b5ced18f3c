import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withServer } from '@wpe-networking/test-support'
import { expect, test } from 'vitest'
import { download } from '../../examples/ranges.ts'

// So much that most of it is in the file before the reader is told that the connection broke.
const content = Buffer.alloc(4_000_000, Buffer.from(Array.from({ length: 251 }, (_, i) => i)))

test('a download goes on where it stopped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soup-ranges-'))
  const file = join(folder, 'file')
  const asked: unknown[] = []
  try {
    await withServer(
      (request, response) => {
        const { range, 'if-range': tag } = request.headers
        asked.push([range, tag])
        if (range === undefined) {
          response.writeHead(200, { ETag: '"a"', 'Content-Length': content.length })
          response.write(content.subarray(0, 3_000_000), () => response.socket?.end())
          return
        }
        const start = Number(/^bytes=(\d+)-$/.exec(range)?.[1])
        const rest = content.subarray(start)
        const contentRange = `bytes ${start}-${content.length - 1}/${content.length}`
        response.writeHead(206, { ETag: '"a"', 'Content-Range': contentRange, 'Content-Length': rest.length })
        response.end(rest)
      },
      async ({ origin }) => {
        const lines: string[] = []
        expect(await download(`${origin}/file`, file, (line) => lines.push(line))).toBe(content.length)
        expect((await readFile(file)).equals(content)).toBe(true)
        expect(lines[0]).toBe('200 from byte 0')
        expect(lines[2]).toMatch(/^206 from byte [1-9]\d*$/)
        expect(asked).toEqual([
          [undefined, undefined],
          [expect.stringMatching(/^bytes=[1-9]\d*-$/), '"a"'],
        ])
      },
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
