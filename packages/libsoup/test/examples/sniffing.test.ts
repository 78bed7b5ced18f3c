import { withServer } from '@wpe-networking/test-support'
import { expect, test } from 'vitest'
import { typeOf } from '../../examples/sniffing.ts'

test('the example tells what a resource is', async () => {
  await withServer(
    (request, response) => {
      if (request.url === '/labelled') response.setHeader('Content-Type', 'image/png')
      response.end('GIF89a')
    },
    async ({ origin }) => {
      expect(await typeOf(`${origin}/`)).toBe('image/gif (labelled nothing)')
      expect(await typeOf(`${origin}/labelled`)).toBe('image/gif (labelled image/png)')
    },
  )
})
