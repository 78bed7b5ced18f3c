import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WireMeter } from '../../src/http1/wire-meter.ts'
import { MessageMetrics } from '../../src/message/message-metrics.ts'

const field = fc.stringMatching(/^[A-Za-z]{1,8}: [ -~]{0,12}$/)
const section = (start: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(start, fc.array(field, { maxLength: 4 })).map((lines) => `${lines.flat().join('\r\n')}\r\n\r\n`)
const interim = section(fc.constantFrom('HTTP/1.1 103 Early Hints', 'HTTP/1.1 100 Continue'))
const final = section(fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.0 404 '))

function inPieces(text: string, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
  return [...ends, text.length].map((end, i) => Buffer.from(text.slice(i === 0 ? 0 : ends[i - 1], end), 'latin1'))
}

test('counts header sections and bodies alike, however they come in pieces', () => {
  const cuts = fc.array(fc.nat(), { maxLength: 12 })
  fc.assert(
    fc.property(fc.array(interim, { maxLength: 3 }), final, fc.string(), cuts, (interims, head, body, at) => {
      const metrics = new MessageMetrics()
      const stream = new PassThrough()
      const meter = new WireMeter(stream, metrics)
      const text = interims.join('') + head + Buffer.from(body).toString('latin1')
      for (const piece of inPieces(text, at)) {
        meter.read(piece)
        stream.write(piece)
      }
      const request = interims[0] ?? head
      meter.detach()
      stream.write('not counted')
      expect(metrics.responseHeaderBytesReceived).toBe(interims.join('').length + head.length)
      expect(metrics.responseBodyBytesReceived).toBe(Buffer.byteLength(body))
      // A request has no informational sections: it is all body after the first empty line.
      expect(metrics.requestHeaderBytesSent).toBe(request.length)
      expect(metrics.requestBodyBytesSent).toBe(text.length - request.length)
    }),
  )
})
