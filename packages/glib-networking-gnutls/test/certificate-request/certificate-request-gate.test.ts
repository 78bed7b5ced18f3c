// The gate by itself, with records as no usual server cuts them. RFC 5246 sections 6.2.1 and 7.4.4.
import { expect, it } from 'vitest'
import { CertificateRequestGate } from '../../src/certificate-request/certificate-request-gate.ts'

const HANDSHAKE = 22
const CERTIFICATE = 11
const CERTIFICATE_REQUEST = 13
const SERVER_HELLO_DONE = 14

function message(type: number, body: Buffer): Buffer {
  const header = Buffer.from([type, 0, 0, 0])
  header.writeUIntBE(body.length, 1, 3)
  return Buffer.concat([header, body])
}

function record(content: Buffer): Buffer {
  const header = Buffer.from([HANDSHAKE, 3, 3, 0, 0])
  header.writeUInt16BE(content.length, 3)
  return Buffer.concat([header, content])
}

/** A CertificateRequest of TLS 1.2 that names one authority. */
function certificateRequest(authority: Buffer): Buffer {
  const name = Buffer.from([0, authority.length])
  return message(CERTIFICATE_REQUEST, Buffer.concat([Buffer.from([0, 0, 0, 0, authority.length + 2]), name, authority]))
}

/** Gives `gate` each of `records` and says how many bytes it let pass. */
function passed(gate: CertificateRequestGate, records: Iterable<Buffer>): number {
  let bytes = 0
  for (const one of records) {
    gate.add(one)
    for (let part = gate.next(); part !== null; part = gate.next()) bytes += part.length
  }
  return bytes
}

it.each([
  ['one record', (handshake: Buffer) => [record(handshake)]],
  ['records of seven bytes', (handshake: Buffer) => recordsOf(handshake, 7)],
  ['records of one byte, with empty ones between', (handshake: Buffer) => recordsOf(handshake, 1, Buffer.alloc(0))],
])('shuts at a request behind a long message in %s', (_, cut) => {
  const authority = Buffer.from('3000', 'hex')
  const asked: (readonly Buffer[])[] = []
  const gate = new CertificateRequestGate((acceptedCas) => void asked.push(acceptedCas))
  const certificate = message(CERTIFICATE, Buffer.alloc(12_000))
  const handshake = Buffer.concat([
    certificate,
    certificateRequest(authority),
    message(SERVER_HELLO_DONE, Buffer.alloc(0)),
  ])
  passed(gate, cut(handshake))
  expect(gate.shut).toBe(true)
  expect(asked).toEqual([[authority]])
  gate.open()
  expect(gate.next()).not.toBeNull()
})

it('lets everything pass behind a message that is longer than the library takes', () => {
  const gate = new CertificateRequestGate(() => expect.unreachable())
  const records = [record(Buffer.from([CERTIFICATE, 0xff, 0xff, 0xff])), record(certificateRequest(Buffer.alloc(2)))]
  expect(passed(gate, records)).toBe(Buffer.concat(records).length)
})

// Each piece put together with what came before it would be 8 GB to copy.
it('takes the longest message byte by byte', () => {
  const gate = new CertificateRequestGate(() => expect.unreachable())
  const records = recordsOf(message(CERTIFICATE, Buffer.alloc(131_072)), 1)
  expect(passed(gate, records)).toBe(Buffer.concat(records).length)
})

function recordsOf(content: Buffer, size: number, between?: Buffer): readonly Buffer[] {
  const records: Buffer[] = []
  for (let start = 0; start < content.length; start += size) {
    records.push(record(content.subarray(start, start + size)))
    if (between !== undefined) records.push(record(between))
  }
  return records
}
