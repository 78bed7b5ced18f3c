// Categories 9 and 10 of the Autobahn test suite as data: long messages, small pieces, round trips. Case 9.9.1 is left
// out as it is in the suite. Unless AUTOBAHN_FULL is set, messages have at most 1 MiB and conversations 50 messages.

import { step, type AutobahnCase, type Frame } from './autobahn-case.ts'

/** Set in the environment it runs every case with the suite's own sizes and counts. */
export const isFull = (process.env['AUTOBAHN_FULL'] ?? '') !== ''

const KIB = 1024
const MIB = 1024 * KIB
const bounded = (size: number): number => (isFull ? size : Math.min(size, MIB))
const TEXT = 'BAsd7&jh23'
const BINARY = Buffer.from([0x00, 0xfe, 0x23, 0xfa, 0xf0])

function payload(opcode: number, size: number): Buffer {
  return Buffer.alloc(size, opcode === 1 ? TEXT : BINARY)
}

function echo(id: string, opcode: number, size: number, chop = 0): AutobahnCase {
  const data = payload(opcode, bounded(size))
  const echoed = opcode === 1 ? { message: data } : { binary: data }
  return { id, steps: [step([{ opcode, payload: data }], chop)], ok: [echoed] }
}

function fragmented(id: string, opcode: number, size: number, fragment: number): AutobahnCase {
  const data = payload(opcode, bounded(size))
  const sent: Frame[] = []
  for (let at = 0; at < data.length; at += fragment) {
    const fin = at + fragment >= data.length
    sent.push({ opcode: at === 0 ? opcode : 0, payload: data.subarray(at, at + fragment), fin })
  }
  return { id, steps: [step(sent, -1)], ok: [opcode === 1 ? { message: data } : { binary: data }] }
}

const LENGTHS = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB]
const FRAGMENTS = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB]
const CHOPS = [64, 128, 256, 512, 1024, 2048]
const ROUND_TRIPS = [0, 16, 64, 256, 1024, 4096]

function roundTrips(id: string, opcode: 1 | 2, size: number): AutobahnCase {
  const data = Buffer.alloc(size, opcode === 1 ? '*' : 0xfe)
  const messages = (): Iterable<Buffer> => Array.from({ length: isFull ? 1000 : 50 }, () => data)
  return { id, steps: [], ok: [], conversation: { messages, opcode, fragment: 0 } }
}

/** Built one by one when they are run: together they would fill memory. */
export const limitCases: (() => AutobahnCase)[] = [
  ...LENGTHS.map((size, i) => () => echo(`9.1.${i + 1}`, 1, size)),
  ...LENGTHS.map((size, i) => () => echo(`9.2.${i + 1}`, 2, size)),
  ...FRAGMENTS.map((size, i) => () => fragmented(`9.3.${i + 1}`, 1, 4 * MIB, size)),
  ...FRAGMENTS.map((size, i) => () => fragmented(`9.4.${i + 1}`, 2, 4 * MIB, size)),
  ...CHOPS.map((size, i) => () => echo(`9.5.${i + 1}`, 1, MIB, size)),
  ...CHOPS.map((size, i) => () => echo(`9.6.${i + 1}`, 2, MIB, size)),
  ...ROUND_TRIPS.map((size, i) => () => roundTrips(`9.7.${i + 1}`, 1, size)),
  ...ROUND_TRIPS.map((size, i) => () => roundTrips(`9.8.${i + 1}`, 2, size)),
  () => fragmented('10.1.1', 1, 64 * KIB, 1300),
]
