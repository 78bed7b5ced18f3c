import { describe, expect, test } from 'vitest'
import {
  Message,
  MessageHeaders,
  MessageHeadersType,
  ServerMessage,
  WebsocketError,
  WebsocketExtensionDeflate,
  WebsocketExtensionManager,
  websocketClientPrepareHandshake,
  websocketClientVerifyHandshake,
  websocketServerCheckHandshake,
  websocketServerProcessHandshake,
} from '../../src/index.ts'
import type { WebsocketExtensionFactory } from '../../src/index.ts'
import { messageState } from '../../src/message/message.ts'
import { parseExtensionHeader } from '../../src/websocket/extension-header.ts'
import { acceptForKey } from '../../src/websocket/websocket-key.ts'
import type { ServerMessageControl, ServerMessageInit } from '../../src/server/server-message.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const DEFLATE: WebsocketExtensionFactory[] = [() => new WebsocketExtensionDeflate()]

type Fields = Record<string, string | null>

function request(fields: Fields = {}, method = 'GET'): ServerMessage {
  const headers = new MessageHeaders(MessageHeadersType.REQUEST)
  const all: Fields = {
    Upgrade: 'websocket',
    Connection: 'keep-alive, Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...fields,
  }
  for (const [name, value] of Object.entries(all)) if (value !== null) headers.append(name, value)
  // The handshake looks at nothing else.
  const init = { id: 1, method, path: '/', requestHeaders: headers } as unknown as ServerMessageInit
  return new ServerMessage(init, { isStealable: true, bodyChanged: () => {} } as unknown as ServerMessageControl)
}

function codeOf(run: () => unknown): string {
  try {
    run()
    return 'none'
  } catch (error) {
    return error instanceof WebsocketError ? error.code : String(error)
  }
}

describe('the key', () => {
  test('is answered as in RFC 6455 section 1.3', () => {
    expect(acceptForKey(KEY)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })
})

describe('Sec-WebSocket-Extensions', () => {
  test.each<[string, unknown]>([
    ['a', [['a', []]]],
    [
      'a; b; c=1, d',
      [
        [
          'a',
          [
            ['b', null],
            ['c', '1'],
          ],
        ],
        ['d', []],
      ],
    ],
    ['a;b="1"', [['a', [['b', '1']]]]],
    ['a; b; b', [['a', null]]],
    ['a; b=', [['a', null]]],
    ['a; b="x y"', [['a', null]]],
    ['a b', null],
    [';', null],
    [Array.from({ length: 33 }, () => 'a').join(), null],
    ['a'.repeat(4097), null],
  ])('%s', (text, expected) => {
    const elements = parseExtensionHeader(text)
    expect(elements?.map(({ name, params }) => [name, params === null ? null : [...params]]) ?? null).toEqual(expected)
  })
})

describe('websocketServerCheckHandshake', () => {
  test.each<[why: string, code: string, fields: Fields, method?: string]>([
    ['a good one', 'none', {}],
    ['letter case', 'none', { Upgrade: 'WebSocket', Connection: 'upgrade' }],
    ['POST', 'NOT_WEBSOCKET', {}, 'POST'],
    ['no Upgrade', 'NOT_WEBSOCKET', { Upgrade: null }],
    ['another Upgrade', 'NOT_WEBSOCKET', { Upgrade: 'h2c' }],
    ['no Connection', 'NOT_WEBSOCKET', { Connection: 'keep-alive' }],
    ['no version', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Version': null }],
    ['an old version', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Version': '8' }],
    ['no key', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Key': null }],
    ['a short key', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j' }],
    ['a key of 17 bytes', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZWE=' }],
    ['malformed extensions', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Extensions': 'x y' }],
    ['extensions not known', 'none', { 'Sec-WebSocket-Extensions': 'x-unknown; a=1' }],
  ])('%s: %s', (_why, code, fields, method) => {
    expect(codeOf(() => websocketServerCheckHandshake(request(fields, method)))).toBe(code)
  })

  test('a key that comes twice is none', () => {
    const message = request()
    message.requestHeaders.append('Sec-WebSocket-Key', KEY)
    expect(codeOf(() => websocketServerCheckHandshake(message))).toBe('BAD_HANDSHAKE')
  })

  test.each<[origin: string | null, code: string]>([
    ['http://A.example', 'none'],
    ['http://b.example', 'BAD_ORIGIN'],
    [null, 'BAD_ORIGIN'],
  ])('the origin %s: %s', (origin, code) => {
    expect(codeOf(() => websocketServerCheckHandshake(request({ Origin: origin }), 'http://a.example'))).toBe(code)
    expect(codeOf(() => websocketServerCheckHandshake(request({ Origin: origin })))).toBe('none')
  })
})

describe('websocketServerProcessHandshake', () => {
  test('answers 101 with all fields', () => {
    const message = request({ 'Sec-WebSocket-Protocol': 'one,two', 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    const agreed = websocketServerProcessHandshake(message, null, ['three', 'two', 'one'], DEFLATE)
    expect(agreed?.protocol).toBe('two')
    expect(agreed?.extensions.map(({ name }) => name)).toEqual(['permessage-deflate'])
    expect(message.status).toBe(101)
    expect(Object.fromEntries(message.responseHeaders)).toEqual({
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      'Sec-WebSocket-Protocol': 'two',
      'Sec-WebSocket-Extensions': 'permessage-deflate',
    })
  })

  test.each<[fields: Fields, protocols: string[] | null, protocol: string | null]>([
    [{}, ['one'], null],
    [{ 'Sec-WebSocket-Protocol': 'one' }, null, null],
    [{ 'Sec-WebSocket-Protocol': 'one, ONE' }, ['ONE'], 'ONE'],
  ])('%j with %j agrees on %j', (fields, protocols, protocol) => {
    expect(websocketServerProcessHandshake(request(fields), null, protocols)).toMatchObject({ protocol })
  })

  test.each<[why: string, status: number, fields: Fields]>([
    ['the wrong origin', 403, { Origin: 'http://b.example' }],
    ['no common protocol, letter case counted', 400, { Origin: 'http://a.example', 'Sec-WebSocket-Protocol': 'ONE' }],
    ['another version', 426, { 'Sec-WebSocket-Version': '14' }],
  ])('%s is refused with %d', (_why, status, fields) => {
    const message = request(fields)
    expect(websocketServerProcessHandshake(message, 'http://a.example', ['one'])).toBeNull()
    expect(message.status).toBe(status)
    expect(message.responseHeaders.headerContains('Connection', 'close')).toBe(true)
    expect(message.responseHeaders.has('Sec-WebSocket-Accept')).toBe(false)
    expect(message.responseHeaders.getOne('Sec-WebSocket-Version')).toBe(status === 426 ? '13' : null)
  })

  test.each<[offers: string, answer: string | null]>([
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate'],
    [
      'permessage-deflate; unknown, permessage-deflate; server_max_window_bits=10',
      'permessage-deflate; server_max_window_bits=10',
    ],
    ['permessage-deflate; server_max_window_bits=10; server_max_window_bits=10', null],
    ['permessage-deflate, permessage-deflate; client_no_context_takeover', 'permessage-deflate'],
    ['x-webkit-deflate-frame, permessage-deflate', 'permessage-deflate'],
    ['permessage-bzip2', null],
  ])('the offers "%s" are answered by %j', (offers, answer) => {
    const message = request({ 'Sec-WebSocket-Extensions': offers })
    websocketServerProcessHandshake(message, null, null, DEFLATE)
    expect(message.status).toBe(101)
    expect(message.responseHeaders.getOne('Sec-WebSocket-Extensions')).toBe(answer)
  })
})

describe('the client handshake', () => {
  function prepared(extensions: WebsocketExtensionFactory[] = [], protocols: string[] | null = null): Message {
    const message = new Message('GET', 'http://example.org/')
    websocketClientPrepareHandshake(message, 'http://a.example', protocols, extensions)
    return message
  }

  function answered(message: Message, fields: Fields = {}, statusCode = 101): Message {
    const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
    const accept = acceptForKey(message.requestHeaders.getOne('Sec-WebSocket-Key') ?? '')
    const all: Fields = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': accept, ...fields }
    for (const [name, value] of Object.entries(all)) if (value !== null) headers.append(name, value)
    const state = messageState(message)
    state.statusCode = statusCode
    state.responseHeaders = headers
    return message
  }

  test('asks with the fields of RFC 6455, a new key each time', () => {
    const message = prepared(DEFLATE, ['one', 'two'])
    const { 'Sec-WebSocket-Key': key, ...fields } = Object.fromEntries(message.requestHeaders)
    expect(fields).toEqual({
      Origin: 'http://a.example',
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Protocol': 'one, two',
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
    })
    expect(Buffer.from(key ?? '', 'base64')).toHaveLength(16)
    expect(prepared().requestHeaders.getOne('Sec-WebSocket-Key')).not.toBe(key)
  })

  test('leaves out extensions that are disabled, and fields that were there before', () => {
    const message = prepared(DEFLATE, ['one'])
    message.disableFeature(WebsocketExtensionDeflate)
    websocketClientPrepareHandshake(message, null, null, DEFLATE)
    expect(message.requestHeaders.has('Sec-WebSocket-Extensions')).toBe(false)
    expect(message.requestHeaders.has('Sec-WebSocket-Protocol')).toBe(false)
  })

  test.each([[['a b']], [['a\r\nX: y']], [['a', 'a']], [['']]])('refuses the protocols %j', (protocols) => {
    expect(() => prepared([], protocols)).toThrow(TypeError)
  })

  test('refuses an origin that would end its line', () => {
    const message = new Message('GET', 'http://example.org/')
    expect(() => websocketClientPrepareHandshake(message, 'http://a\r\nX: y')).toThrow(TypeError)
  })

  test.each<[why: string, code: string, fields: Fields, status?: number]>([
    ['a good answer', 'none', {}],
    ['letter case', 'none', { Upgrade: 'WebSocket', Connection: 'upgrade' }],
    ['200', 'NOT_WEBSOCKET', {}, 200],
    ['400', 'BAD_HANDSHAKE', {}, 400],
    ['no Upgrade', 'NOT_WEBSOCKET', { Upgrade: null }],
    ['no Connection', 'NOT_WEBSOCKET', { Connection: 'close' }],
    ['no accept', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Accept': null }],
    ['a wrong accept', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }],
    ['an offered protocol', 'none', { 'Sec-WebSocket-Protocol': 'one' }],
    ['another protocol', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Protocol': 'ONE' }],
    ['two protocols', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Protocol': 'one, two' }],
    ['an extension', 'none', { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=10' }],
    ['an extension twice', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Extensions': 'permessage-deflate, permessage-deflate' }],
    ['another extension', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Extensions': 'x' }],
    ['bad parameters', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Extensions': 'permessage-deflate; x' }],
    ['no list', 'BAD_HANDSHAKE', { 'Sec-WebSocket-Extensions': 'x y' }],
  ])('%s: %s', (_why, code, fields, status) => {
    const message = answered(prepared(DEFLATE, ['one', 'two']), fields, status)
    expect(codeOf(() => websocketClientVerifyHandshake(message, DEFLATE))).toBe(code)
  })

  test('an extension is not taken when it was disabled', () => {
    const message = prepared(DEFLATE)
    message.disableFeature(WebsocketExtensionDeflate)
    answered(message, { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    expect(codeOf(() => websocketClientVerifyHandshake(message, DEFLATE))).toBe('BAD_HANDSHAKE')
  })
})

describe('WebsocketExtensionManager', () => {
  test('offers permessage-deflate until told otherwise', () => {
    const manager = new WebsocketExtensionManager()
    const [factory] = manager.supportedExtensions
    expect(factory?.().name).toBe('permessage-deflate')
    const other = (): WebsocketExtensionDeflate => new WebsocketExtensionDeflate({ level: 1 })
    manager.addExtension(other)
    manager.removeExtension(factory as WebsocketExtensionFactory)
    manager.removeExtension(factory as WebsocketExtensionFactory)
    expect(manager.supportedExtensions).toEqual([other])
  })
})
