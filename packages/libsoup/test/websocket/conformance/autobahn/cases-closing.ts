// Category 7 of the Autobahn test suite as data: closing. What each case sends and expects was read in
// crossbario/autobahn-testsuite, autobahntestsuite/case/.

import { closeBytes } from '../../raw-peer.ts'
import { frames, type AutobahnCase, type Frame } from './autobahn-case.ts'

const NORMAL = [1000]
const PROTOCOL_ERROR = [1002]
const close = (code: number, reason: string | Buffer = ''): Frame => ({ opcode: 8, payload: closeBytes(code, reason) })
const hello: Frame = { opcode: 1, payload: 'Hello World!' }
const NOT_UTF8 = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex')

function closing(id: string, closes: readonly number[], ...sent: Frame[]): AutobahnCase {
  return { id, steps: frames(...sent), ok: [], closes }
}

const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]

export const closingCases: AutobahnCase[] = [
  { id: '7.1.1', steps: frames(hello), ok: [{ message: 'Hello World!' }] },
  closing('7.1.2', NORMAL, close(1000), { opcode: 8 }),
  closing('7.1.3', NORMAL, close(1000), { opcode: 9 }),
  closing('7.1.4', NORMAL, close(1000), hello),
  closing('7.1.5', NORMAL, { ...hello, fin: false }, close(1000), { opcode: 0, payload: 'fragment2' }),
  {
    id: '7.1.6',
    steps: frames({ opcode: 1, payload: 'BAsd7&jh23'.repeat(26_215).slice(0, 256 * 1024) }, hello, close(1000), {
      opcode: 9,
    }),
    ok: [],
    closes: NORMAL,
    informational: true,
  },
  closing('7.3.1', NORMAL, { opcode: 8 }),
  closing('7.3.2', PROTOCOL_ERROR, { opcode: 8, payload: 'a' }),
  closing('7.3.3', NORMAL, close(1000)),
  closing('7.3.4', NORMAL, close(1000, 'Hello World!')),
  closing('7.3.5', NORMAL, close(1000, '*'.repeat(123))),
  closing('7.3.6', PROTOCOL_ERROR, close(1000, '*'.repeat(124))),
  closing('7.5.1', [1002, 1007], close(1000, NOT_UTF8)),
  ...VALID_CODES.map((code, i) => closing(`7.7.${i + 1}`, [1000, code], close(code))),
  ...INVALID_CODES.map((code, i) => closing(`7.9.${i + 1}`, PROTOCOL_ERROR, close(code))),
  { ...closing('7.13.1', [1000, 5000, 1002], close(5000)), informational: true },
  { ...closing('7.13.2', [1000, 65535, 1002], close(65535)), informational: true },
]
