import { withServer } from '@wpe-networking/test-support'
import { expect, test } from 'vitest'
import { load } from '../../examples/priorities.ts'

test('what is urgent goes first over a connection made ahead', async () => {
  await withServer(
    (request, response) => void response.end(request.url),
    async (server) => {
      const lines: string[] = []
      expect(await load(server.origin, (line) => lines.push(line))).toEqual(['/first', '/banner', '/style', '/picture'])
      expect(lines).toEqual([`connected to 127.0.0.1:${server.port}`])
      expect(server.connectionCount).toBe(1)
    },
  )
})
