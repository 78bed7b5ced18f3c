import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formDecode,
  formDecodeMultipart,
  formEncodeHash,
  Message,
  MessageHeaders,
  MessageHeadersType,
  Multipart,
  MultipartInputStream,
  SessionError,
} from '../../src/index.ts'
import { messageState } from '../../src/message/message.ts'
import { cutUp, mutated, RUNS, textOf } from './fuzzing.ts'

const WORDS = [
  '--',
  '--b',
  '\r\n--b\r\n',
  '\n--b--',
  '\r\n\r\n',
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  'b',
  'A: 1\r\n',
  '-',
  'x',
  '\0',
]
const text = mutated(
  textOf(WORDS).map((content) => `--b\r\n\r\n${content}\r\n--b--\r\n`),
  WORDS,
)

interface Part {
  readonly fields: readonly (readonly [string, string])[]
  readonly body: string
}

function headersOf(): MessageHeaders {
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  headers.append('Content-Type', 'multipart/mixed; boundary=b')
  return headers
}

/** The parts as they stream in, or the code of the error. */
async function stream(pieces: readonly Buffer[]): Promise<Part[] | string> {
  const message = new Message('GET', 'http://example.org/')
  messageState(message).setResponse(200, 'OK', headersOf())
  const input = new MultipartInputStream(message, Readable.from(pieces, { objectMode: false }))
  const parts: Part[] = []
  try {
    for (let part = await input.nextPart(); part !== null; part = await input.nextPart()) {
      const fields = [...(input.getHeaders() ?? [])]
      parts.push({ fields, body: (await buffer(part)).toString('latin1') })
    }
    return parts
  } catch (error) {
    expect(error).toBeInstanceOf(SessionError)
    return (error as SessionError).code
  }
}

describe('a multipart body', () => {
  test('reads as it was written', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 10 })
    const part = fc.tuple(name, fc.option(name), fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const multipart = new Multipart('multipart/form-data')
        for (const [control, file, body] of parts) multipart.appendFormFile(control, file, null, body)
        const headers = new MessageHeaders()
        const read = Multipart.newFromMessage(headers, multipart.toMessage(headers)) as Multipart
        expect([...read].map(({ body }) => [...body])).toEqual(parts.map(([, , body]) => [...body]))
        expect([...read].map(({ headers: fields }) => fields.getContentDisposition()?.params.get('name'))).toEqual(
          parts.map(([control]) => control.toWellFormed()),
        )
        formDecodeMultipart(read)
      }),
      RUNS,
    )
  })

  test('is the same however it is cut, and in memory', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(), { maxLength: 12 }), async (content, cuts) => {
        const bytes = Buffer.from(content, 'latin1')
        const whole = await stream([bytes])
        expect(await stream(cutUp(bytes, cuts))).toEqual(whole)
        const inMemory = Multipart.newFromMessage(headersOf(), bytes)
        if (inMemory === null) return
        const parts = [...inMemory].map(({ headers, body }) => ({
          fields: [...headers],
          body: body.toString('latin1'),
        }))
        expect(parts).toEqual(whole)
      }),
      RUNS,
    )
  })
})

test('an encoded form reads as it was written, and anything else does no harm', () => {
  const field = fc.string({ unit: 'grapheme', maxLength: 12 })
  fc.assert(
    fc.property(fc.dictionary(field, field, { noNullPrototype: true }), (form) => {
      const expected = Object.entries(form).map(([name, value]) => [name.toWellFormed(), value.toWellFormed()])
      expect([...formDecode(formEncodeHash(form))]).toEqual(expected)
    }),
    RUNS,
  )
  fc.assert(
    fc.property(textOf(['&', '=', '%', '+', '%20', '%zz', 'a', '%c3', '%']), (encoded) => {
      for (const name of formDecode(encoded).keys()) expect(encoded.length).toBeGreaterThanOrEqual(name.length)
    }),
    RUNS,
  )
})
