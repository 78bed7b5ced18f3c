import fc from 'fast-check'
import { Encoding } from '@wpe-networking/libsoup'
import { describe, expect, test } from 'vitest'
import { fetchAnswer, withServer, type Answer } from './server-support.ts'

const BODY = '0123456789'

async function withBody(use: (get: (headers: Record<string, string>) => Promise<Answer>) => Promise<void>) {
  await withServer({}, async (server, uri) => {
    server.addHandler('/', (_server, message) => {
      message.setStatus(200)
      message.responseHeaders.append('ETag', '"v1"')
      message.responseHeaders.append('Last-Modified', 'Sat, 01 Jan 2000 00:00:00 GMT')
      message.setResponse('text/plain', BODY)
    })
    await use((headers) => fetchAnswer(uri, { headers }))
  })
}

describe('a whole response of a Server', () => {
  test.each([
    ['bytes=0-0', 'bytes 0-0/10', '0'],
    ['bytes=2-4', 'bytes 2-4/10', '234'],
    ['bytes=7-', 'bytes 7-9/10', '789'],
    ['bytes=-3', 'bytes 7-9/10', '789'],
    ['bytes=-500', 'bytes 0-9/10', BODY],
    ['bytes=8-500', 'bytes 8-9/10', '89'],
    ['Bytes = 1-2', 'bytes 1-2/10', '12'],
    ['bytes=1-3,2-5', 'bytes 1-5/10', '12345'],
    ['bytes=4-5,50-60', 'bytes 4-5/10', '45'],
  ])('is cut to %s', async (range, contentRange, body) => {
    await withBody(async (get) => {
      const answer = await get({ range })
      expect([answer.status, answer.headers['content-range'], answer.body.toString()]).toEqual([
        206,
        contentRange,
        body,
      ])
      expect(answer.headers['content-length']).toBe(String(body.length))
    })
  })

  test.each(['bytes=10-', 'bytes=20-30', 'bytes=-0'])('has nothing for %s', async (range) => {
    await withBody(async (get) => {
      const { status, headers, body } = await get({ range })
      expect([status, headers['content-range'], body.length]).toEqual([416, 'bytes */10', 0])
    })
  })

  test.each(['bytes=', 'lines=0-1', 'bytes=3-1', 'bytes=a-b', 'bytes=1', '0-1', `bytes=${'0-0,'.repeat(300)}1-1`])(
    'is whole for %s',
    async (range) => {
      await withBody(async (get) => {
        const { status, body } = await get({ range })
        expect([status, body.toString()]).toEqual([200, BODY])
      })
    },
  )

  test('is multipart/byteranges for several ranges', async () => {
    await withBody(async (get) => {
      const { status, headers, body } = await get({ range: 'bytes=8-,0-1' })
      const boundary = /^multipart\/byteranges; boundary="([\w-]+)"$/.exec(headers['content-type'] ?? '')?.[1]
      expect([status, headers['content-range']]).toEqual([206, undefined])
      expect(body.toString()).toBe(
        `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01` +
          `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89` +
          `\r\n--${boundary}--\r\n`,
      )
    })
  })

  test.each([
    ['"v1"', 206],
    ['"v2"', 200],
    ['W/"v1"', 200],
    ['Sat, 01 Jan 2000 00:00:00 GMT', 206],
    ['Sun, 02 Jan 2000 00:00:00 GMT', 200],
  ])('heeds If-Range: %s', async (condition, status) => {
    await withBody(async (get) => {
      expect((await get({ range: 'bytes=0-1', 'if-range': condition })).status).toBe(status)
    })
  })

  test('is not cut when it is a stream, an error, or for another method', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/chunked', (_server, message) => {
        message.setStatus(200)
        message.responseHeaders.encoding = Encoding.CHUNKED
        message.responseBody.append(BODY)
        message.responseBody.complete()
      })
      server.addHandler('/', (_server, message) => {
        message.setStatus(message.method === 'POST' ? 200 : 404)
        message.setResponse('text/plain', BODY)
      })
      const options = { headers: { range: 'bytes=0-1' } }
      expect((await fetchAnswer(uri, options)).status).toBe(404)
      expect((await fetchAnswer(uri, { ...options, method: 'POST' })).status).toBe(200)
    })
  })

  test('gives what was asked for, whatever was asked for', async () => {
    await withBody(async (get) => {
      const spec = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }))
      await fc.assert(
        fc.asyncProperty(spec, async ([first, last]) => {
          const { status, body } = await get({ range: `bytes=${first}-${last}` })
          if (last < first) expect([status, body.toString()]).toEqual([200, BODY])
          else if (first >= BODY.length) expect(status).toBe(416)
          else expect([status, body.toString()]).toEqual([206, BODY.slice(first, last + 1)])
        }),
        { numRuns: 50 },
      )
    })
  })
})
