import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { withServer } from '@wpe-networking/test-support'
import { expect, test } from 'vitest'
import { sendForms } from '../../examples/forms.ts'

test('the example sends both kinds of forms', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'forms-'))
  try {
    const path = join(directory, 'a.txt')
    await writeFile(path, 'of the file')
    await withServer(
      (request, response) => void text(request).then((body) => response.end(body)),
      async ({ origin }) => {
        const [plain, withFile] = await sendForms(`${origin}/`, 'a b', path)
        expect(plain).toBe('comment=a+b')
        expect(withFile).toContain('name="comment"\r\n\r\na b\r\n')
        expect(withFile).toContain('filename="a.txt"\r\nContent-Type: application/octet-stream\r\n\r\nof the file\r\n')
      },
    )
  } finally {
    await rm(directory, { recursive: true })
  }
})
