import { withServer } from '@wpe-networking/test-support'
import { expect, test } from 'vitest'
import { get } from '../examples/get.ts'

test('the example of the README runs', async () => {
  await withServer(
    (request, response) => {
      if (request.url === '/') response.writeHead(302, { Location: '/page' }).end()
      else response.end('a page')
    },
    async ({ origin }) => {
      const lines: string[] = []
      expect(await get(`${origin}/`, (line) => lines.push(line))).toBe('a page')
      expect(lines[0]).toBe('302 Found')
      expect(lines[1]).toBe(`redirected to ${origin}/page`)
      expect(lines[3]).toMatch(/^waited \d+\.\d ms on connection \d+$/)
    },
  )
})
