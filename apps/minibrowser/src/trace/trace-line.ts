// One line of `--trace`: elapsed ms, process, layer, file and step, request id, then the rest of the message as
// `name=value`. Called by trace-subscriber.ts.

import { sanitizeText } from '../output/terminal-text.ts'

export interface TraceSource {
  readonly processName: string
  readonly layer: string
  readonly file: string
  readonly channel: string
  /** Start of the clock, in ms since the epoch. */
  readonly start: number
}

const MAX_VALUE_CHARACTERS = 120
const MAX_LINE_CHARACTERS = 400
const SECRET_MEMBER = /private|secret|password/i
const SECRET_HEADER = /^(?:proxy-)?authorization$|^(?:set-)?cookie$/i
const URL_PASSWORD = /(:\/\/[^/?#@\s:]*:)[^/?#@\s]*@/g
/** Members that name the step of a stage, whichever layer it is. */
const STEP_MEMBERS = ['stage', 'event', 'state', 'direction'] as const

/** Formats what was published on a channel; `message` may be any object, with `time` in ms since the epoch. */
export function formatTraceLine(source: TraceSource, message: unknown): string {
  const members = new Map(Object.entries(flatten(message)))
  const time = typeof members.get('time') === 'number' ? (members.get('time') as number) : Date.now()
  members.delete('time')
  const stepMember = STEP_MEMBERS.find((name) => typeof members.get(name) === 'string')
  const step = stepMember === undefined ? (source.channel.split(':')[2] ?? '') : String(members.get(stepMember))
  if (stepMember !== undefined) members.delete(stepMember)
  const requestId = members.get('requestId')
  members.delete('requestId')
  const elapsed = (time - source.start).toFixed(2).padStart(9)
  const head = `${elapsed} ms ${source.processName.padEnd(15)} ${source.layer.padEnd(15)} ${`${source.file}:${step}`.padEnd(38)}`
  const rest = Array.from(members, ([name, value]) => [name, SECRET_MEMBER.test(name) ? '' : textOf(value)] as const)
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${name}=${text}`)
  const id = typeof requestId === 'string' ? [`request=${requestId}`] : []
  return cut([head, ...id, ...rest].map(sanitizeTraceText).join(' '), MAX_LINE_CHARACTERS)
}

// Unlike a line of output, a trace line keeps its columns.
function sanitizeTraceText(text: string): string {
  return sanitizeText(text).replace(/[\n\t]+/g, ' ')
}

// Resource messages carry their facts one level down, and so do those of a finished handshake.
function flatten(message: unknown): Record<string, unknown> {
  if (typeof message !== 'object' || message === null) return {}
  const { resource, result, ...own } = message as Record<string, unknown>
  return { ...own, ...membersOf(resource), ...membersOf(result) }
}

function membersOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return cut(withoutPassword(String(value)), MAX_VALUE_CHARACTERS)
    case 'object': {
      const shown = briefly('', value)
      if (shown === null) return ''
      return cut(typeof shown === 'string' ? shown : JSON.stringify(shown, briefly), MAX_VALUE_CHARACTERS)
    }
    default:
      return ''
  }
}

/** A replacer of JSON.stringify: what stands for objects too large or too secret to show. */
function briefly(name: string, value: unknown): unknown {
  if (SECRET_MEMBER.test(name)) return undefined
  if (typeof value === 'string') return withoutPassword(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return value.message
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if ('subjectName' in value) return value.subjectName
  if (Array.isArray(value) && value.length === 2 && SECRET_HEADER.test(String(value[0]))) return [value[0], '…']
  return value
}

function withoutPassword(text: string): string {
  return text.replace(URL_PASSWORD, '$1…@')
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
