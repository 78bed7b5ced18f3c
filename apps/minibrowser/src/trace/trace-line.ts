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
  const rest = Array.from(members, ([name, value]) => `${name}=${textOf(value)}`).filter((text) => !text.endsWith('='))
  const id = typeof requestId === 'string' ? [`request=${requestId}`] : []
  return [head, ...id, ...rest].map(sanitizeTraceText).join(' ').slice(0, MAX_LINE_CHARACTERS)
}

// Unlike a line of output, a trace line keeps its columns.
function sanitizeTraceText(text: string): string {
  return sanitizeText(text).replace(/[\n\t]+/g, ' ')
}

// Resource messages carry their facts one level down.
function flatten(message: unknown): Record<string, unknown> {
  if (typeof message !== 'object' || message === null) return {}
  const { resource, ...own } = message as Record<string, unknown>
  return typeof resource === 'object' && resource !== null ? { ...own, ...resource } : own
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return String(value).slice(0, MAX_VALUE_CHARACTERS)
    case 'object':
      if (value === null) return ''
      return JSON.stringify(value instanceof Error ? value.message : value).slice(0, MAX_VALUE_CHARACTERS)
    default:
      return ''
  }
}
