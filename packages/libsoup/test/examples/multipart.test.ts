import { withServer } from '@wpe-networking/test-support'
import { expect, test } from 'vitest'
import { readParts } from '../../examples/multipart.ts'

test('the example reads parts of a response that has no end', async () => {
  await withServer(
    (_request, response) => {
      response.setHeader('Content-Type', 'multipart/x-mixed-replace; boundary=frame')
      for (let i = 1; i <= 4; i++) response.write(`--frame\r\nContent-Type: image/x\r\n\r\npicture ${i}\r\n`)
    },
    async ({ origin }) => {
      const parts: string[] = []
      await readParts(origin, 2, (contentType, part) => parts.push(`${contentType} ${part.toString()}`))
      expect(parts).toEqual(['image/x picture 1', 'image/x picture 2'])
    },
  )
})
