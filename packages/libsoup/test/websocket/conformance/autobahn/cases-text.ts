// Category 6 of the Autobahn test suite as data: UTF-8. The sequences are those of Markus Kuhn's UTF-8 stress test, in
// the order of autobahntestsuite/case/case6_x_x.py.

import { frames, step, type AutobahnCase, type Frame } from './autobahn-case.ts'

const BAD_DATA = [1007]
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const parts = (...payloads: (string | Buffer)[]): Frame[] =>
  payloads.map((payload, i) => ({ opcode: i === 0 ? 1 : 0, payload, fin: i === payloads.length - 1 }))
const bytewise = (payload: Buffer): Frame[] => parts(...Array.from(payload, (byte) => Buffer.from([byte])))

const UMLAUTS = Buffer.from('Hello-µ@ßöäüàá-UTF-8!!')
const KOSME = hex('cebae1bdb9cf83cebcceb5')
const SURROGATE = Buffer.concat([KOSME, hex('eda080'), Buffer.from('edited')])
const TOO_HIGH = Buffer.concat([KOSME, hex('f4908080'), Buffer.from('edited')])

// The text turns bad within the second fragment, and the third is never sent. The pong shows that the first was taken.
function failFast(id: string, second: number, third: number): AutobahnCase {
  const pieces = parts(TOO_HIGH.subarray(0, second), TOO_HIGH.subarray(second, third), TOO_HIGH.subarray(third))
  const [first, middle] = pieces as [Frame, Frame, Frame]
  const stillOpen: Frame = { opcode: 9, payload: 'A' }
  return { id, steps: [step([first, stillOpen], 0, 1), step([middle])], ok: [{ pong: 'A' }], failsWith: BAD_DATA }
}

// The same within one frame, of which the last piece is never sent: to fail at all is to fail fast.
function failFastInFrame(id: string, second: number, third: number): AutobahnCase {
  const sent = [{ opcode: 1, payload: TOO_HIGH }]
  return {
    id,
    steps: [
      { ...step(sent), only: [0, second] },
      { ...step(sent), only: [second, third] },
    ],
    ok: [],
    failsWith: BAD_DATA,
  }
}

type Row = readonly [isValid: boolean, payload: Buffer]
const valid = (...texts: string[]): Row[] => texts.map((text) => [true, hex(text)])
const invalid = (...texts: string[]): Row[] => texts.map((text) => [false, hex(text)])
const inHello = (text: string): string => `68656c6c6f${text}776f726c64`
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

// Characters of this text end after these many bytes.
const KOSME_ENDS = new Set([2, 5, 7, 9, 11])
const prefixes: Row[] = range(1, KOSME.length + 1).map((length) => [KOSME_ENDS.has(length), KOSME.subarray(0, length)])

const lonely: Row[] = [
  [0xc0, 0xdf],
  [0xe0, 0xef],
  [0xf0, 0xf7],
  [0xf8, 0xfb],
  [0xfc, 0xfd],
].map(([from, to]) => [false, Buffer.from(range(from as number, to as number).flatMap((lead) => [lead, 0x20]))])

const missingLast = ['c0', 'e080', 'f08080', 'f8808080', 'fc80808080', 'df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf']

const nonCharacters = ['f0', 'f1', 'f2', 'f3', 'f4'].flatMap((lead) =>
  ['8f', '9f', 'af', 'bf']
    .filter((second) => !(lead === 'f4' && second !== '8f') && !(lead === 'f0' && second === '8f'))
    .flatMap((second) => [`${lead}${second}bfbe`, `${lead}${second}bfbf`]),
)

// Groups 6.5 to 6.23.
const groups: readonly Row[][] = [
  [...valid(...['24', 'c2a2', 'e282ac', 'f0a4ada2'].map(inHello)), [true, KOSME]],
  prefixes,
  valid('00', 'c280', 'e0a080', 'f0908080'),
  invalid('f888808080', 'fc8480808080'),
  valid('7f', 'dfbf', 'efbfbf', 'f48fbfbf'),
  invalid('f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf'),
  [...valid('ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf'), ...invalid('f4908080')],
  [
    ...invalid('80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf'),
    [false, Buffer.from(range(0x80, 0xbf))],
  ],
  lonely,
  invalid(...missingLast),
  invalid(missingLast.join('')),
  invalid('fe', 'ff', 'fefeffff'),
  invalid('c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af'),
  invalid('c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'),
  invalid('c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080'),
  invalid('eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'),
  invalid(...['eda080', 'edadbf', 'edae80', 'edafbf'].flatMap((high) => ['edb080', 'edbfbf'].map((low) => high + low))),
  valid('efbfbe', 'efbfbf', ...nonCharacters),
  valid('efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf'),
]

function text(id: string, sent: Frame[], echoed: string | Buffer): AutobahnCase {
  return { id, steps: frames(...sent), ok: [{ message: echoed }] }
}

export const textCases: AutobahnCase[] = [
  text('6.1.1', [{ opcode: 1, payload: '' }], ''),
  text('6.1.2', parts('', '', ''), ''),
  text('6.1.3', parts('', 'middle frame payload', ''), 'middle frame payload'),
  text('6.2.1', [{ opcode: 1, payload: UMLAUTS }], UMLAUTS),
  text('6.2.2', parts('Hello-µ@ßöä', 'üàá-UTF-8!!'), UMLAUTS),
  text('6.2.3', bytewise(UMLAUTS), UMLAUTS),
  text('6.2.4', bytewise(KOSME), KOSME),
  { id: '6.3.1', steps: frames({ opcode: 1, payload: SURROGATE }), ok: [], failsWith: BAD_DATA },
  { id: '6.3.2', steps: frames(...bytewise(SURROGATE)), ok: [], failsWith: BAD_DATA },
  failFast('6.4.1', 11, 15),
  failFast('6.4.2', 12, 13),
  failFastInFrame('6.4.3', 11, 15),
  failFastInFrame('6.4.4', 12, 13),
  ...groups.flatMap((rows, i) =>
    rows.map(([isValid, payload], j): AutobahnCase => {
      const id = `6.${i + 5}.${j + 1}`
      const steps = frames({ opcode: 1, payload })
      return isValid ? { id, steps, ok: [{ message: payload }] } : { id, steps, ok: [], failsWith: BAD_DATA }
    }),
  ),
]
