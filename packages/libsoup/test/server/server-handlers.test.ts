import { once } from 'node:events'
import { Encoding, HTTPVersion, type ServerMessage } from '@wpe-networking/libsoup'
import { describe, expect, test } from 'vitest'
import { exchangeBytes, fetchAnswer, oneConnection, withServer } from './server-support.ts'

function answerWith(text: string) {
  return (_server: unknown, message: ServerMessage): void => {
    message.setStatus(200)
    message.setResponse('text/plain', text)
  }
}

describe('handlers of a Server', () => {
  test('are chosen by the longest path that is a prefix', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler(null, answerWith('root'))
      server.addHandler('/a', answerWith('a'))
      server.addHandler('/a/b', answerWith('a/b'))
      const paths = ['/', '/x', '/a', '/a/c', '/ab', '/a/b/c?query']
      const bodies = await Promise.all(
        paths.map(async (path) => (await fetchAnswer(new URL(path, uri))).body.toString()),
      )
      expect(bodies).toEqual(['root', 'root', 'a', 'a', 'a', 'a/b'])
      server.removeHandler('/a/b')
      expect((await fetchAnswer(new URL('/a/b', uri))).body.toString()).toBe('a')
    })
  })

  test('get the request: method, URI, path, query, headers, body and addresses', async () => {
    await withServer({}, async (server, uri) => {
      const seen: unknown[] = []
      server.addHandler('/in', (_server, message, path, query) => {
        seen.push(message.method, String(message.uri), path, query?.get('q'), message.httpVersion)
        seen.push(message.requestHeaders.getOne('x-test'), message.requestBody.flatten().toString())
        seen.push(message.remoteHost === '127.0.0.1', message.localAddress?.toString())
        message.setStatus(204)
      })
      const { status, headers } = await fetchAnswer(
        new URL('/in/a%20b?q=1+2', uri),
        { method: 'POST', headers: { 'X-Test': 'yes' } },
        'hello',
      )
      expect(status).toBe(204)
      expect(headers['content-length']).toBeUndefined()
      const local = new URL(uri).host
      expect(seen).toEqual([
        ...['POST', `${uri}in/a%20b?q=1+2`, '/in/a b', '1 2', HTTPVersion.HTTP_1_1],
        ...['yes', 'hello', true, local],
      ])
    })
  })

  test('that are missing mean 404, and that set no status 500', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/lazy', () => {})
      const aborted = once(server, 'request-aborted')
      expect((await fetchAnswer(uri)).status).toBe(404)
      expect((await fetchAnswer(new URL('/lazy', uri))).status).toBe(500)
      expect((await aborted)[1]).toBeNull()
    })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('broken on purpose')
      },
    ],
    [
      'rejects',
      async () => {
        await Promise.resolve()
        throw new Error('broken on purpose')
      },
    ],
    [
      'sets a field that cannot be sent',
      (_server: unknown, message: ServerMessage) => {
        message.setStatus(200)
        message.responseHeaders.append('Bad Name', 'x')
      },
    ],
  ] as const)('that %s are answered with 500 and reported, and the server goes on', async (_what, handler) => {
    await withServer({ serverHeader: 'test ' }, async (server, uri) => {
      server.addHandler('/broken', (parent, message) => {
        message.responseHeaders.append('X-Secret', 'half an answer')
        return handler(parent, message)
      })
      server.addHandler('/good', answerWith('good'))
      const aborted = once(server, 'request-aborted')
      const { status, headers, body } = await fetchAnswer(new URL('/broken', uri))
      expect([status, headers.server, headers['x-secret'], body.length]).toEqual([500, 'test libsoup', undefined, 0])
      const [message, error] = (await aborted) as [ServerMessage, Error]
      expect(message.status).toBe(500)
      expect(error.message).toMatch(/broken on purpose|is not a token/)
      expect((await fetchAnswer(new URL('/good', uri))).status).toBe(200)
    })
  })

  test('that throw with nobody listening end in a process warning', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', () => {
        throw new Error('nobody hears this one')
      })
      const warned = once(process, 'warning')
      await fetchAnswer(uri)
      expect(((await warned)[0] as Error).message).toBe('nobody hears this one')
    })
  })

  test('that throw in the middle of a chunked body break the response off', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', async (_server, message) => {
        message.setStatus(200)
        message.responseHeaders.encoding = Encoding.CHUNKED
        const wrote = once(message, 'wrote-chunk')
        message.responseBody.append('first piece')
        await wrote
        throw new Error('broken on purpose')
      })
      const aborted = once(server, 'request-aborted')
      const { status, body, isComplete } = await fetchAnswer(uri)
      expect([status, body.toString(), isComplete]).toEqual([200, 'first piece', false])
      expect(((await aborted)[1] as Error).message).toBe('broken on purpose')
    })
  })

  test('may answer later, by a promise or by pause and unpause', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/promise', async (_server, message) => {
        await new Promise(setImmediate)
        answerWith('promised')(null, message)
      })
      server.addHandler('/pause', (_server, message) => {
        message.pause()
        setImmediate(() => {
          answerWith('paused')(null, message)
          message.unpause()
        })
      })
      expect((await fetchAnswer(new URL('/promise', uri))).body.toString()).toBe('promised')
      expect((await fetchAnswer(new URL('/pause', uri))).body.toString()).toBe('paused')
      const posted = await fetchAnswer(new URL('/pause', uri), { method: 'POST' }, 'with a body')
      expect(posted.body.toString()).toBe('paused')
    })
  })

  test('that are early run before the body, and a status they set skips the rest', async () => {
    await withServer({}, async (server, uri) => {
      const order: string[] = []
      server.addEarlyHandler('/', (_server, message) => {
        order.push(`early ${message.requestBody.length}`)
        if (message.requestHeaders.has('X-Refuse')) message.setStatus(403)
      })
      server.addHandler('/', (parent, message) => {
        order.push(`normal ${message.requestBody.length}`)
        answerWith('ok')(parent, message)
      })
      expect((await fetchAnswer(uri, { method: 'PUT' }, 'body')).status).toBe(200)
      expect((await fetchAnswer(uri, { method: 'PUT', headers: { 'X-Refuse': '1' } }, 'body')).status).toBe(403)
      expect(order).toEqual(['early 0', 'normal 4', 'early 0'])
    })
  })

  test('of "*" serve OPTIONS *, which those of "/" do not', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', answerWith('root'))
      const ping = 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
      expect(await exchangeBytes(uri, ping)).toMatch(/^HTTP\/1\.1 404 /)
      server.addHandler('*', (_server, message, path) => {
        message.setStatus(message.isOptionsPing && path === '*' ? 200 : 500)
      })
      expect(await exchangeBytes(uri, ping)).toMatch(/^HTTP\/1\.1 200 /)
    })
  })

  test.each(['/a/..%2f..%2fetc/passwd', '/a%2f..', '/%ff', '/%00'])('never see the path %s', async (path) => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', answerWith('root'))
      expect(await exchangeBytes(uri, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 400 /,
      )
    })
  })

  test('see dot segments resolved', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message, path) => answerWith(path)(null, message))
      const answer = await exchangeBytes(uri, 'GET /a/%2e%2e/../b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\n\/b$/)
    })
  })

  test('see paths as received when the server has raw paths', async () => {
    await withServer({ rawPaths: true }, async (server, uri) => {
      server.addHandler('/', (_server, message, path) => answerWith(path)(null, message))
      expect((await fetchAnswer(new URL('/a%2Fb', uri))).body.toString()).toBe('/a%2Fb')
    })
  })

  test('redirect with a reference that becomes a URI', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/old', (_server, message) => message.setRedirect(301, '../new?x=1'))
      const { status, reasonPhrase, headers } = await fetchAnswer(new URL('/old/a', uri))
      expect([status, reasonPhrase, headers.location]).toEqual([301, 'Moved Permanently', `${uri}new?x=1`])
    })
  })

  test('may send a field more than once', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.responseHeaders.append('Set-Cookie', 'a=1')
        message.responseHeaders.append('Set-Cookie', 'b=2')
        message.setStatus(200, 'Fine')
      })
      const { headers, reasonPhrase } = await fetchAnswer(uri)
      expect(headers['set-cookie']).toEqual(['a=1', 'b=2'])
      expect(reasonPhrase).toBe('Fine')
    })
  })
})

describe('a ServerMessage', () => {
  test('emits its signals in order, and the server its own', async () => {
    await withServer({}, async (server, uri) => {
      const order: string[] = []
      server.on('request-started', (message) => {
        order.push('request-started')
        const names = [
          'got-headers',
          'got-chunk',
          'got-body',
          'wrote-headers',
          'wrote-chunk',
          'wrote-body',
          'finished',
        ] as const
        for (const name of names) message.on(name, () => order.push(name))
      })
      server.on('request-read', () => order.push('request-read'))
      server.addHandler('/', answerWith('ok'))
      const finished = once(server, 'request-finished')
      await fetchAnswer(uri, { method: 'POST' }, 'body')
      await finished
      expect(order).toEqual([
        ...['request-started', 'got-headers', 'got-chunk', 'got-body', 'request-read'],
        ...['wrote-headers', 'wrote-chunk', 'wrote-body', 'finished'],
      ])
    })
  })

  test('is aborted, not finished, when the client goes away', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.pause())
      const started = once(server, 'request-started')
      const aborted = once(server, 'request-aborted')
      const gone = new AbortController()
      const answer = fetchAnswer(uri, { signal: gone.signal })
      const [message] = (await started) as [ServerMessage]
      const order: string[] = []
      message.on('disconnected', () => order.push('disconnected')).on('finished', () => order.push('finished'))
      gone.abort()
      await expect(answer).rejects.toThrow('aborted')
      await aborted
      expect(order).toEqual(['disconnected', 'finished'])
      expect(message.status).toBe(0)
    })
  })

  test('of a kept connection is one of many', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => answerWith(String(message.remoteAddress))(null, message))
      const agent = oneConnection()
      const first = await fetchAnswer(uri, { agent })
      const second = await fetchAnswer(uri, { agent })
      agent.destroy()
      expect(second.body.toString()).toBe(first.body.toString())
    })
  })

  test.each([99, 100, 101, 1000, 200.5, Number.NaN])('does not take %d for a final status', async (status) => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(status))
      const aborted = once(server, 'request-aborted')
      expect((await fetchAnswer(uri)).status).toBe(500)
      expect((await aborted)[1]).toBeInstanceOf(RangeError)
    })
  })
})
