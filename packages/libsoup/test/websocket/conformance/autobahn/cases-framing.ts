// Categories 1 to 5 of the Autobahn test suite as data: framing, pings and pongs, reserved bits, opcodes, fragmentation.
// What each case sends and expects was read in crossbario/autobahn-testsuite, autobahntestsuite/case/.

import { frames, step, type AutobahnCase, type Frame } from './autobahn-case.ts'

const HELLO = 'Hello, world!'
const hello: Frame = { opcode: 1, payload: HELLO }
const helloEcho = { message: HELLO }
const PROTOCOL_ERROR = [1002]
const BINARY = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff])

const SIZES = [0, 125, 126, 127, 128, 65535, 65536, 65536]

function echo(id: string, opcode: number, payload: string | Buffer, chop = 0): AutobahnCase {
  const expected = { [opcode === 1 ? 'message' : 'binary']: payload }
  return { id, steps: [step([{ opcode, payload }], chop)], ok: [expected] }
}

const category1 = SIZES.flatMap((size, i) => [
  echo(`1.1.${i + 1}`, 1, '*'.repeat(size), i === 7 ? 997 : 0),
  echo(`1.2.${i + 1}`, 2, Buffer.alloc(size, 0xfe), i === 7 ? 997 : 0),
])

const ping = (payload: string | Buffer = ''): Frame => ({ opcode: 9, payload })
const pong = (payload: string | Buffer = ''): Frame => ({ opcode: 10, payload })
const tenPings = Array.from({ length: 10 }, (_, i) => `payload-${i}`)

function pinged(id: string, payload: string | Buffer, chop = 0): AutobahnCase {
  return { id, steps: [step([ping(payload)], chop)], ok: [{ pong: payload }] }
}

const category2: AutobahnCase[] = [
  pinged('2.1', ''),
  pinged('2.2', HELLO),
  pinged('2.3', BINARY),
  pinged('2.4', Buffer.alloc(125, 0xfe)),
  { id: '2.5', steps: frames(ping(Buffer.alloc(126, 0xfe))), ok: [], failsWith: PROTOCOL_ERROR },
  pinged('2.6', Buffer.alloc(125, 0xfe), 1),
  { id: '2.7', steps: frames(pong()), ok: [] },
  { id: '2.8', steps: frames(pong('unsolicited pong payload')), ok: [] },
  {
    id: '2.9',
    steps: frames(pong('unsolicited pong payload'), ping('ping payload')),
    ok: [{ pong: 'ping payload' }],
  },
  { id: '2.10', steps: frames(...tenPings.map(ping)), ok: tenPings.map((payload) => ({ pong: payload })) },
  { id: '2.11', steps: [step(tenPings.map(ping), 1)], ok: tenPings.map((payload) => ({ pong: payload })) },
]

// A good message, then a bad frame, then a ping that nobody answers.
function badAfterGood(id: string, bad: Frame, chop = 0): AutobahnCase {
  return { id, steps: [step([hello, bad, ping()], chop)], ok: [helloEcho], nonStrict: [], failsWith: PROTOCOL_ERROR }
}

function bad(id: string, ...sent: Frame[]): AutobahnCase {
  return { id, steps: frames(...sent), ok: [], failsWith: PROTOCOL_ERROR }
}

const category3: AutobahnCase[] = [
  bad('3.1', { ...hello, rsv: 1 }),
  badAfterGood('3.2', { ...hello, rsv: 2 }),
  badAfterGood('3.3', { ...hello, rsv: 3 }, -1),
  badAfterGood('3.4', { ...hello, rsv: 4 }, 1),
  bad('3.5', { opcode: 2, payload: BINARY, rsv: 5 }),
  bad('3.6', { opcode: 2, payload: HELLO, rsv: 6 }),
  bad('3.7', { opcode: 8, rsv: 7 }),
]

const category4: AutobahnCase[] = [
  bad('4.1.1', { opcode: 3 }),
  bad('4.1.2', { opcode: 4, payload: 'reserved opcode payload' }),
  badAfterGood('4.1.3', { opcode: 5 }),
  badAfterGood('4.1.4', { opcode: 6, payload: HELLO }),
  badAfterGood('4.1.5', { opcode: 7, payload: HELLO }, 1),
  bad('4.2.1', { opcode: 11 }),
  bad('4.2.2', { opcode: 12, payload: 'reserved opcode payload' }),
  badAfterGood('4.2.3', { opcode: 13 }),
  badAfterGood('4.2.4', { opcode: 14, payload: HELLO }),
  badAfterGood('4.2.5', { opcode: 15, payload: HELLO }, 1),
]

const part = (opcode: number, payload: string, fin: boolean): Frame => ({ opcode, payload, fin })
const twoParts = [part(1, 'fragment1', false), part(0, 'fragment2', true)]
const twoPartsEcho = { message: 'fragment1fragment2' }
const pinged2 = [part(1, 'fragment1', false), ping('ping payload'), part(0, 'fragment2', true)]
const pinged2Echo = [{ pong: 'ping payload' }, twoPartsEcho]
const nothingToContinue = (fin: boolean): Frame[] => [part(0, 'non-continuation payload', fin), hello]
const twice = (fin: boolean): Frame[] => {
  const once = [part(0, 'fragment1', fin), part(1, 'fragment2', false), part(0, 'fragment3', true)]
  return [...once, ...once]
}

/** Chops: 0 sends all at once, -1 frame by frame, 1 byte by byte. */
const CHOPS = [0, -1, 1]

function interleaved(id: string, chop: number): AutobahnCase {
  const first = [part(1, 'fragment1', false), part(0, 'fragment2', false), ping('pongme 1!')]
  const second = [
    part(0, 'fragment3', false),
    part(0, 'fragment4', false),
    ping('pongme 2!'),
    part(0, 'fragment5', true),
  ]
  const whole = [1, 2, 3, 4, 5].map((i) => `fragment${i}`).join('')
  return {
    id,
    steps: [step(first, chop, 1), step(second, chop)],
    ok: [{ pong: 'pongme 1!' }, { pong: 'pongme 2!' }, { message: whole }],
  }
}

const category5: AutobahnCase[] = [
  bad('5.1', part(9, 'fragment1', false), part(0, 'fragment2', true)),
  bad('5.2', part(10, 'fragment1', false), part(0, 'fragment2', true)),
  ...CHOPS.map((chop, i) => ({ id: `5.${3 + i}`, steps: [step(twoParts, chop)], ok: [twoPartsEcho] })),
  ...CHOPS.map((chop, i) => ({ id: `5.${6 + i}`, steps: [step(pinged2, chop)], ok: pinged2Echo })),
  ...[true, false].flatMap((fin, j) =>
    CHOPS.map((chop, i) => ({
      id: `5.${9 + 3 * j + i}`,
      steps: [step(nothingToContinue(fin), chop)],
      ok: [],
      failsWith: PROTOCOL_ERROR,
    })),
  ),
  {
    id: '5.15',
    steps: frames(...twoParts, part(0, 'fragment3', false), part(1, 'fragment4', true)),
    ok: [twoPartsEcho],
    nonStrict: [],
    failsWith: PROTOCOL_ERROR,
  },
  bad('5.16', ...twice(false)),
  bad('5.17', ...twice(true)),
  bad('5.18', part(1, 'fragment1', false), part(1, 'fragment2', true)),
  interleaved('5.19', 0),
  interleaved('5.20', -1),
]

export const framingCases: AutobahnCase[] = [...category1, ...category2, ...category3, ...category4, ...category5]
