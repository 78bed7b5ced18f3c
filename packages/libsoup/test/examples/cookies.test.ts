import { withServer } from '@wpe-networking/test-support'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadWithCookies } from '../../examples/cookies.ts'
import { withDirectory } from '../cookies/jar-support.ts'

test('the example of cookies runs, and remembers', () =>
  withDirectory(async (directory) => {
    await withServer(
      (request, response) => {
        response
          .setHeader('Set-Cookie', ['visits=1; Max-Age=3600', 'now=1'])
          .end(request.headers.cookie ?? 'no cookies')
      },
      async ({ origin }) => {
        const lines: string[] = []
        const file = join(directory, 'cookies.sqlite')
        expect(await loadWithCookies(`${origin}/`, file, (line) => lines.push(line))).toBe('no cookies')
        expect(lines[0]).toMatch(/^got visits of 127\.0\.0\.1, until \d{4}-/)
        expect(lines.slice(1)).toEqual(['got now of 127.0.0.1, until the end', 'would send next time: visits=1; now=1'])
        expect(await loadWithCookies(`${origin}/`, file, () => {})).toBe('visits=1')
      },
    )
  }))
