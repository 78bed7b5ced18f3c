// The same inputs, well-formed and not, to the parsers here and to those of the C library: the same results, but for the
// inputs that `differs` leaves out, each with its reason. The C library is 3.2 or later.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canCompileWith, compileNative, type NativeProgram } from '@wpe-networking/test-support'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  dateTimeNewFromHttpString,
  formDecode,
  headerParseList,
  headerParseQualityList,
  headerParseSemiParamList,
  headersParse,
  headersParseStatusLine,
  MessageHeaders,
  MessageHeadersType,
} from '../../src/index.ts'
import { mutated, textOf } from '../fuzz/fuzzing.ts'

interface Kind {
  readonly letter: string
  readonly inputs: fc.Arbitrary<string>
  /** What the C program prints. */
  readonly ours: (input: string) => string
  /** Inputs on which the two differ on purpose. */
  readonly differs?: (input: string) => boolean
}

const LIST = ['a', 'b', ',', ', ', ';', '"', '\\', ' ', '\t', '=', 'q=', ';q=0.5', ';q=0', ';q=1', '.', '0']
const PARAMS = ['a', 'B', '=', ';', '"', '\\', ' ', '*', "'", "*=UTF-8''", '%41', '%C3%A9', '%zz', 'name=value']
const DATE = [
  'Sun',
  ', ',
  ' ',
  '-',
  ':',
  '06',
  '6',
  'Nov',
  'FEB',
  '29',
  '1994',
  '94',
  '08:49:37',
  '24',
  'GMT',
  '+0100',
  'EST',
]
const SECTION = ['\r\n', '\n', '\r', ' ', '\t', ':', ': ', 'A', 'B: 1\r\n', 'C:2\n', ' folded\n', 'x']
const STATUS = ['HTTP/', '1', '.', '0', '1.1', 'ICY', ' ', '\t', '200', '99', 'OK', '\r', '\n']

const KINDS: Readonly<Record<string, Kind>> = {
  lists: { letter: 'L', inputs: textOf(LIST), ours: (input) => hexes(headerParseList(input)) },
  'quality lists': {
    letter: 'Q',
    inputs: textOf(LIST),
    ours: (input) => {
      const unacceptable: string[] = []
      return `${hexes(headerParseQualityList(input, unacceptable))}|${hexes(unacceptable)}`
    },
    // There a semicolon within quotes starts a parameter, a `q` that is malformed may still count, and white space before
    // the parameter stays.
    differs: (input) => /["Q\\]|q[^=]|=[^01]|q=[01][^,;]*[^,;0-9.]|\s;/.test(input),
  },
  parameters: {
    letter: 'S',
    inputs: textOf(PARAMS),
    ours: (input) => map(headerParseSemiParamList(input)),
    // There an ext-value needs to be no UTF-8, and an empty charset is one.
    differs: (input) => /\*\s*=\s*'|%(?!41|C3%A9)|%C3%(?!A9)/.test(input),
  },
  dates: {
    letter: 'D',
    inputs: fc.oneof(textOf(DATE, 9), mutated(fc.constant('Sun, 06 Nov 1994 08:49:37 GMT'), DATE)),
    ours: (input) => {
      const date = dateTimeNewFromHttpString(input)
      return date === null ? '' : String(date.getTime() / 1000)
    },
    // There numbers may have signs, zones any number of digits, and the offsets of American zones are wrong.
    differs: (input) => /[+-]\s*\d|\d[+-]|[ECMP][SD]T/.test(input),
  },
  forms: {
    letter: 'F',
    inputs: textOf(['a', 'b', '=', '&', '+', '%41', '%zz', '%', '4']),
    ours: (input) => map(formDecode(input)),
    // There values are bytes; here they are text.
    differs: (input) => /%[89a-f]/i.test(input),
  },
  'header sections': {
    letter: 'H',
    inputs: mutated(
      textOf(SECTION).map((text) => `x\r\n${text}\r\n`),
      SECTION,
    ),
    ours: (input) => {
      const headers = new MessageHeaders(MessageHeadersType.MULTIPART)
      return headersParse(input, headers) ? hexes([...headers].flat()) : 'refused'
    },
    // There names may have more characters than a token, and a lone carriage return becomes a space, always.
    differs: (input) => /[^\r\n\t :ABCx12folded]|\r(?!\n)/.test(input),
  },
  'status lines': {
    letter: 'T',
    inputs: fc.oneof(textOf(STATUS), mutated(fc.constant('HTTP/1.1 200 OK\r\n'), STATUS)),
    ours: (input) => {
      const line = headersParseStatusLine(input)
      return line === null ? '' : `${line.httpVersion} ${line.statusCode} ${hexes([line.reasonPhrase])}`
    },
    // There a carriage return before the phrase stays.
    differs: (input) => /\r(?!\n)/.test(input),
  },
}

describe.skipIf(!canCompileWith('libsoup-3.0'))('next to the C library', () => {
  let program: NativeProgram
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'native-headers-'))
    program = await compileNative(new URL('native/header-tool.c', import.meta.url), 'libsoup-3.0')
  })
  afterAll(async () => {
    await program.remove()
    await rm(directory, { recursive: true })
  })

  test.each(Object.keys(KINDS))('%s are read the same', async (name) => {
    const { letter, inputs, ours, differs } = KINDS[name] as Kind
    const ascii = inputs.filter((input) => /^[\x01-\x7f]*$/.test(input) && !(differs?.(input) ?? false)) // eslint-disable-line no-control-regex
    const samples = fc.sample(ascii, Number(process.env.FUZZ_RUNS ?? 1000))
    const path = join(directory, letter)
    await writeFile(path, samples.map((input) => `${letter} ${Buffer.from(input).toString('hex')}\n`).join(''))
    const theirs = (await program.run(path)).split('\n')
    for (const [i, input] of samples.entries()) {
      expect(`${JSON.stringify(input)} ${ours(input)}`).toBe(`${JSON.stringify(input)} ${theirs[i] ?? 'nothing'}`)
    }
  })
})

function hexes(texts: readonly string[]): string {
  return texts.map((text) => `${Buffer.from(text).toString('hex')},`).join('')
}

function map(params: ReadonlyMap<string, string>): string {
  const entries = [...params].map(([name, value]): [string, string] => [name.toLowerCase(), value])
  return hexes(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat())
}
