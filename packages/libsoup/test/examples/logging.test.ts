import { withServer } from '@wpe-networking/test-support'
import { expect, test } from 'vitest'
import { trace } from '../../examples/logging.ts'

test('the example prints headers, and bodies of text', async () => {
  await withServer(
    (request, response) => {
      response.setHeader('Content-Type', request.url === '/text' ? 'text/plain' : 'image/x').end('the body')
    },
    async ({ origin }) => {
      const lines: string[] = []
      await trace(`${origin}/text`, (line) => lines.push(line))
      expect(lines[0]).toBe('> GET /text HTTP/1.1')
      expect(lines).toContain('< Content-Type: text/plain')
      expect(lines.at(-1)).toBe('< the body')
      await trace(`${origin}/image`, (line) => lines.push(line))
      expect(lines.filter((line) => line === '< the body')).toHaveLength(1)
    },
  )
})
