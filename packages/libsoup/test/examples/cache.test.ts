import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withServer } from '@wpe-networking/test-support'
import { expect, test } from 'vitest'
import { loadTwice } from '../../examples/cache.ts'

test('the example of the cache runs, and remembers', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cache-example-'))
  await withServer(
    (_request, response) => {
      response.setHeader('Cache-Control', 'max-age=60').end('a page')
    },
    async ({ origin }) => {
      const lines: string[] = []
      for (let run = 0; run < 2; run++) await loadTwice(`${origin}/`, directory, (line) => lines.push(line))
      const sources = lines.map((line) => /^200, 6 bytes from: (\w+), \d s old$/.exec(line)?.[1])
      expect(sources).toEqual(['network', 'cache', 'cache', 'cache'])
    },
  )
  await rm(directory, { recursive: true })
})
