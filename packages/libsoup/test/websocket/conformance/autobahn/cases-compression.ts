// Categories 12 and 13 of the Autobahn test suite as data: permessage-deflate with different payloads and parameters.
// The suite's own files (JSON, a bitmap, a novel, a web page, a PDF) are replaced by made-up data of the same kinds.
// Unless AUTOBAHN_FULL is set, a conversation has a few messages instead of 1000.

import type { AutobahnCase, DeflateSetup } from './autobahn-case.ts'
import { isFull } from './cases-limits.ts'

type Row = readonly [size: number, fragment: number]
const ROWS: readonly Row[] = [
  ...[16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072].map((size): Row => [size, 0]),
  ...[8192, 16384, 32768, 65536, 131072].map((size): Row => [size, 256]),
  ...[1024, 4096, 32768].map((fragment): Row => [131072, fragment]),
]
const DATA_SIZE = 200_000

// The same numbers in every run.
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function build(part: (random: () => number, index: number) => string): () => Buffer {
  let data: Buffer | null = null
  return () => {
    if (data !== null) return data
    const random = makeRandom(1)
    let text = ''
    for (let i = 0; text.length < DATA_SIZE; i++) text += part(random, i)
    return (data = Buffer.from(text.slice(0, DATA_SIZE), 'latin1'))
  }
}

const WORDS = 'habe nun ach philosophie juristerei und medizin und leider auch theologie durchaus studiert'.split(' ')
const word = (random: () => number): string => WORDS[Math.floor(random() * WORDS.length)] as string
const json = build(
  (random, i) => `{"id":${i},"name":"${word(random)}","value":${random()},"tags":["${word(random)}"]},`,
)
const bitmap = build((random, i) => String.fromCharCode(((i % 512) >> 1) ^ Math.floor(random() * 4)))
const novel = build((random, i) => `${word(random)}${i % 9 === 8 ? '.\n' : ' '}`)
const page = build(
  (random, i) => `<tr class="row${i % 2}"><td>${word(random)}</td><td>${Math.floor(random() * 1e6)}</td></tr>\n`,
)
const pdf = build((random) => String.fromCharCode(Math.floor(random() * 256)))

function compressed(
  id: string,
  [size, fragment]: Row,
  data: () => Buffer,
  opcode: 1 | 2,
  deflate: DeflateSetup,
): AutobahnCase {
  const count = isFull ? 1000 : size > 32768 ? 2 : 5
  function* messages(): Iterable<Buffer> {
    const all = data()
    for (let i = 0, at = 0; i < count; i++, at = (at + size) % all.length) {
      const end = at + size
      yield end <= all.length
        ? all.subarray(at, end)
        : Buffer.concat([all.subarray(at), all.subarray(0, end - all.length)])
    }
  }
  return { id, steps: [], ok: [], deflate, conversation: { messages, opcode, fragment } }
}

// What Autobahn's client offers unless told otherwise, and what its server demands of an offer.
const OFFER = '; client_no_context_takeover; client_max_window_bits'
const offer = (noContext: boolean, bits: number): string =>
  OFFER + (noContext ? '; server_no_context_takeover' : '') + (bits > 0 ? `; server_max_window_bits=${bits}` : '')

function accept(noContext: boolean, bits: number): DeflateSetup['accept'] {
  return (received) => {
    if (noContext && !received.has('client_no_context_takeover')) return null
    if (bits > 0 && !received.has('client_max_window_bits')) return null
    return (noContext ? '; client_no_context_takeover' : '') + (bits > 0 ? `; client_max_window_bits=${bits}` : '')
  }
}

function setup(noContext: boolean, bits: number): DeflateSetup {
  return {
    offers: [offer(noContext, bits)],
    accept: accept(noContext, bits),
    client: { clientNoContextTakeover: noContext },
  }
}

const PARAMETERS: readonly DeflateSetup[] = [
  setup(false, 0),
  setup(true, 0),
  setup(false, 9),
  setup(false, 15),
  setup(true, 9),
  setup(true, 15),
  {
    offers: [offer(true, 9), offer(true, 0), offer(false, 0)],
    accept: (received) => accept(true, 9)(received) ?? accept(true, 0)(received) ?? accept(false, 0)(received),
    client: { clientNoContextTakeover: true },
  },
]

const PAYLOADS: readonly (readonly [data: () => Buffer, opcode: 1 | 2])[] = [
  [json, 1],
  [bitmap, 2],
  [novel, 2],
  [page, 1],
  [pdf, 2],
]

export const compressionCases: AutobahnCase[] = [
  ...PAYLOADS.flatMap(([data, opcode], j) =>
    ROWS.map((row, i) => compressed(`12.${j + 1}.${i + 1}`, row, data, opcode, setup(false, 0))),
  ),
  ...PARAMETERS.flatMap((deflate, j) =>
    ROWS.map((row, i) => compressed(`13.${j + 1}.${i + 1}`, row, json, 1, deflate)),
  ),
]
