import { withServer } from '@wpe-networking/test-support'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { formDecode, formEncode, formEncodeHash, Message, Session } from '../../src/index.ts'

describe('encoded forms', () => {
  test('are written as upstream writes them', () => {
    expect(formEncode('a b', "c&d=e'~*", 'é', '\r\n')).toBe('a+b=c%26d%3De%27%7E%2A&%C3%A9=%0D%0A')
    expect(formEncodeHash({ x: '1', y: '' })).toBe('x=1&y=')
    expect(formEncodeHash(new Map([['x', '-_.']]))).toBe('x=-_.')
    expect(() => formEncode('a')).toThrow(TypeError)
  })

  test('are read, without what is malformed', () => {
    expect([...formDecode('a+b=c%26d&b=%C3%A9&c=1&c=2&bad=%zz&none&=empty&cut=%4')]).toEqual([
      ['a b', 'c&d'],
      ['b', 'é'],
      ['c', '2'],
      ['', 'empty'],
    ])
    expect(formDecode('').size).toBe(0)
    expect(formDecode(Array.from({ length: 20_000 }, (_, i) => `f${i}=1`).join('&')).size).toBe(10_000)
  })

  test('are sent in the query or the body', async () => {
    await withServer(
      (request, response) => {
        void text(request).then((body) => {
          response.end(`${request.method} ${request.url} ${request.headers['content-type'] ?? '-'} ${body}`)
        })
      },
      async ({ origin }) => {
        using session = new Session()
        const send = async (method: string): Promise<string> => {
          const message = Message.newFromEncodedForm(method, `${origin}/form?old#x`, formEncode('a', 'b c'))
          return (await session.sendAndRead(message)).toString()
        }
        expect(await send('GET')).toBe('GET /form?a=b+c - ')
        expect(await send('POST')).toBe('POST /form?old application/x-www-form-urlencoded a=b+c')
        expect(() => Message.newFromEncodedForm('DELETE', origin, '')).toThrow(TypeError)
        const ping = Message.newOptionsPing(origin)
        expect((await session.sendAndRead(ping)).toString()).toBe('OPTIONS * - ')
        ping.setUri(`${origin}/x`)
        expect((await session.sendAndRead(ping)).toString()).toBe('OPTIONS * - ')
        ping.isOptionsPing = false
        expect((await session.sendAndRead(ping)).toString()).toBe('OPTIONS /x - ')
        expect(Message.newFromUri('GET', origin).method).toBe('GET')
      },
    )
  })
})
