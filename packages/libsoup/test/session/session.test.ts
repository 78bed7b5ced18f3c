import { text } from 'node:stream/consumers'
import { startServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HTTPVersion, Message, Session } from '../../src/index.ts'

describe('a session', () => {
  let server: ListeningServer
  const session = new Session()
  beforeAll(async () => {
    server = await startServer((request, response) => {
      response.setHeader('X-Method', request.method ?? '')
      if (request.method === 'POST') {
        request.pipe(response)
        return
      }
      response.end(`hello from ${request.url ?? ''}`)
    })
  })
  afterAll(async () => {
    session.close()
    await server.close()
  })

  test('reads a whole response', async () => {
    const message = new Message('GET', `http://127.0.0.1:${server.port}/a?b=c`)
    const body = await session.sendAndRead(message)
    expect(body.toString()).toBe('hello from /a?b=c')
    expect(message.statusCode).toBe(200)
    expect(message.reasonPhrase).toBe('OK')
    expect(message.httpVersion).toBe(HTTPVersion.HTTP_1_1)
    expect(message.responseHeaders.getOne('x-method')).toBe('GET')
  })

  test('hands the body over as a stream', async () => {
    const body = await session.send(new Message('GET', `http://127.0.0.1:${server.port}/stream`))
    expect(await text(body)).toBe('hello from /stream')
  })
})
