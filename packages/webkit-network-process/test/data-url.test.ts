// data: URLs: taken apart as Fetch says, and loaded like anything else.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDataURL } from '../src/network-process/data-url.ts'
import { load, loadParameters, TestNetworkProcess } from './support.ts'

test.each([
  ['data:,hello', 'text/plain', 'US-ASCII', 'hello'],
  ['data:text/html,<p>%41</p>', 'text/html', '', '<p>A</p>'],
  ['data:text/html;charset=utf-8,%C3%A9', 'text/html', 'utf-8', 'é'],
  ['data:TEXT/HTML;Charset="gbk",x', 'text/html', 'gbk', 'x'],
  ['data:;charset=utf-8,x', 'text/plain', 'utf-8', 'x'],
  ['data:;base64,aGk=', 'text/plain', 'US-ASCII', 'hi'],
  ['data:;base64,aGk', 'text/plain', 'US-ASCII', 'hi'],
  ['data:; BASE64,aG k%3D', 'text/plain', 'US-ASCII', 'hi'],
  ['data:image/png;base64,', 'image/png', '', ''],
  ['data:nonsense,x', 'text/plain', 'US-ASCII', 'x'],
  ['data:,100%', 'text/plain', 'US-ASCII', '100%'],
  ['data:,%zz%4', 'text/plain', 'US-ASCII', '%zz%4'],
  ['data:,a,b', 'text/plain', 'US-ASCII', 'a,b'],
  ['data:,x#fragment', 'text/plain', 'US-ASCII', 'x'],
  ['DATA:,x', 'text/plain', 'US-ASCII', 'x'],
])('%s is %s in “%s”', (url, mimeType, charset, body) => {
  const parsed = parseDataURL(url)
  expect(parsed).toMatchObject({ mimeType, charset })
  expect(parsed?.body.toString()).toBe(body)
})

test.each(['data:no comma', 'data:;base64,a', 'data:;base64,a*b=', 'http://x/,y', ''])('%s is refused', (url) => {
  expect(parseDataURL(url)).toBeNull()
})

test('bytes survive both ways of writing them', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const body = Buffer.from(bytes)
      expect(parseDataURL(`data:;base64,${body.toString('base64')}`)?.body).toEqual(body)
      const escaped = body.toString('hex').replace(/../g, '%$&')
      expect(parseDataURL(`data:,${escaped}`)?.body).toEqual(body)
    }),
  )
})

test('no text makes the parser throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseDataURL(`data:${text}`)))
})

test('a large data: URL is loaded in frames, and a broken one fails', async () => {
  const network = await TestNetworkProcess.start()
  const connection = await network.connect()
  const body = Buffer.alloc(3 * 1024 * 1024, 'abc')
  const loaded = await load(connection, loadParameters(`Data:text/css;base64,${body.toString('base64')}`))
  expect(loaded.error?.code).toBeUndefined()
  expect(loaded.body.length).toBe(body.length)
  expect(loaded.body.equals(body)).toBe(true)
  expect(loaded.response).toMatchObject({ mimeType: 'text/css', source: 'data-url', protocol: 'data' })
  expect(loaded.metrics).toMatchObject({ protocol: 'data', responseBodyDecodedSize: body.length })
  expect(loaded.response?.url.startsWith('data:text/css')).toBe(true)
  const huge = await load(connection, loadParameters(`data:,${'x'.repeat(18 * 1024 * 1024)}`))
  expect(huge.error).toMatchObject({ domain: 'WebKitNetworkError', code: 'FAILED' })
  const broken = await load(connection, loadParameters('data:;base64,a'))
  expect(broken.error).toMatchObject({ domain: 'WebKitNetworkError', code: 'BAD_URL' })
  network.close()
})
