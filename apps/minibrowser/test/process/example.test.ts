// The README's example of the library, run as it stands there but for the address.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withServer } from '@wpe-networking/test-support'
import { expect, it } from 'vitest'

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url))

it('the example of the README loads a page and ends', async () => {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(`${PACKAGE}README.md`, 'utf8')) ?? []
  expect(example).toContain('https://example.org/')
  const page = '<!doctype html><title>A title</title><p>Some text.</p>'
  await withServer(
    (_, response) => void response.setHeader('Content-Type', 'text/html').end(page),
    async ({ port }) => {
      const code = example.replace('https://example.org/', `http://127.0.0.1:${port}/`)
      const run = promisify(execFile)
      const options = { cwd: PACKAGE, timeout: 15_000 }
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], options)
      expect(stdout).toContain(`finished http://127.0.0.1:${port}/`)
      expect(stdout).toContain('A title 1')
      expect(stdout).toContain('Some text.')
    },
  )
})
