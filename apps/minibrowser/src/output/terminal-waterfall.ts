// The waterfall in the terminal: one row per resource with a bar split into phases, a total line and the time per
// phase. Called by output/text.ts. Pure: a report and the terminal's width go in, lines come out.

import type { LoadReport, ResourceReport } from '../load-report.ts'
import { type Phase, PHASE_NAMES, type PhaseName, phasesOf, totalsByPhase } from './phases.ts'
import { formatBytes, formatMilliseconds } from './quantities.ts'
import { resourceName } from './resource-name.ts'
import { displayWidth, fit, fitKeepingEnd, sanitizeLine } from './terminal-text.ts'

export interface TerminalStyle {
  /** Width of the terminal; rows are never longer. */
  readonly columns: number
  readonly color: boolean
}

/** Glyphs tell the phases apart without colours; colours are the basic ANSI ones, so that they follow the theme. */
const PHASE_STYLE: Record<PhaseName, { readonly glyph: string; readonly color: number }> = {
  queueing: { glyph: '·', color: 90 },
  IPC: { glyph: '-', color: 35 },
  redirects: { glyph: '»', color: 37 },
  DNS: { glyph: '▁', color: 36 },
  TCP: { glyph: '▃', color: 33 },
  TLS: { glyph: '▅', color: 95 },
  waiting: { glyph: '░', color: 32 },
  receiving: { glyph: '█', color: 34 },
}
const RED = 31
const BOLD = 1
const DIM = 2

const STATUS_COLUMNS = 6
const SIZE_COLUMNS = 6
/** At most; a column is as wide as its widest value. */
const MAX_TYPE_COLUMNS = 10
const MAX_PROTOCOL_COLUMNS = 8
const MIN_BAR_COLUMNS = 16
const MIN_NAME_COLUMNS = 12
const MAX_NAME_COLUMNS = 48

/** Renders the waterfall as lines without a trailing newline. */
export function renderTerminalWaterfall(report: LoadReport, style: TerminalStyle): string[] {
  const columns = Math.max(20, style.columns)
  const layout = layOut(report, columns)
  const span = Math.max(report.duration, ...report.resources.map(({ timing }) => timing.finished), 1)
  const lines = [header(layout, span, style)]
  for (const resource of report.resources) {
    lines.push(row(resource, report, layout, span, style))
    if (resource.error) lines.push(errorLine(resource.error.message, resource.error.code, columns, style))
  }
  lines.push('', ...totals(report, columns), ...legend(report, columns, style))
  return lines
}

interface Layout {
  /** Columns of each, 0 when there is no room for it. */
  readonly type: number
  readonly protocol: number
  readonly name: number
  readonly bar: number
}

// Narrow terminals lose the protocol column first, then the type; what is left is shared by name and bar.
function layOut(report: LoadReport, columns: number): Layout {
  const longest = Math.max(
    MIN_NAME_COLUMNS,
    ...report.resources.map(({ url }) => displayWidth(sanitizeLine(resourceName(url, report.finalUri)))),
  )
  const required = MIN_NAME_COLUMNS + 1 + MIN_BAR_COLUMNS
  let free = columns - (STATUS_COLUMNS + 1) - (SIZE_COLUMNS + 1)
  const optional = (values: string[], most: number): number => {
    const width = Math.min(most, Math.max(...values.map((value) => displayWidth(sanitizeLine(value)))))
    if (free - (width + 1) < required) return 0
    free -= width + 1
    return width
  }
  const type = optional(['type', ...report.resources.map((resource) => resource.type)], MAX_TYPE_COLUMNS)
  const protocols = report.resources.map(({ protocol }) => protocol ?? '-')
  const protocol = optional(['via', ...protocols], MAX_PROTOCOL_COLUMNS)
  const name = Math.max(1, Math.min(longest, MAX_NAME_COLUMNS, Math.floor((free - 1) * 0.4)))
  return { type, protocol, name, bar: Math.max(1, free - 1 - name) }
}

function header(layout: Layout, span: number, style: TerminalStyle): string {
  const end = formatMilliseconds(span)
  const scale = `0${' '.repeat(Math.max(1, layout.bar - 1 - end.length))}${end}`
  const cells = [fit('status', STATUS_COLUMNS)]
  if (layout.type > 0) cells.push(fit('type', layout.type))
  cells.push('size'.padStart(SIZE_COLUMNS))
  if (layout.protocol > 0) cells.push(fit(layout.protocol < 'protocol'.length ? 'via' : 'protocol', layout.protocol))
  cells.push(fit('name', layout.name), fit(scale, layout.bar))
  return paint(cells.join(' '), BOLD, style)
}

function row(resource: ResourceReport, report: LoadReport, layout: Layout, span: number, style: TerminalStyle): string {
  const failed = resource.error !== null || (resource.status !== null && resource.status >= 400)
  const status = resource.error && resource.status === null ? 'failed' : String(resource.status ?? '-')
  const cells = [failed ? paint(fit(status, STATUS_COLUMNS), RED, style) : fit(status, STATUS_COLUMNS)]
  if (layout.type > 0) cells.push(fit(sanitizeLine(resource.type), layout.type))
  cells.push(fit(formatBytes(resource.size.encoded).padStart(SIZE_COLUMNS), SIZE_COLUMNS))
  if (layout.protocol > 0) cells.push(fit(sanitizeLine(resource.protocol ?? '-'), layout.protocol))
  cells.push(fitKeepingEnd(sanitizeLine(resourceName(resource.url, report.finalUri)), layout.name))
  cells.push(bar(phasesOf(resource.timing), resource.timing.queued, span, layout.bar, style))
  return cells.join(' ').trimEnd()
}

/** One column stands for `span / columns` ms and shows the phase that fills most of it. */
function bar(phases: readonly Phase[], queued: number, span: number, columns: number, style: TerminalStyle): string {
  const names: (PhaseName | null)[] = []
  for (let column = 0; column < columns; column++) {
    const from = (column * span) / columns
    const to = ((column + 1) * span) / columns
    names.push(longestWithin(phases, from, to))
  }
  // A load too short to fill any column still shows where it was.
  if (!names.some((name) => name !== null)) {
    names[Math.min(columns - 1, Math.max(0, Math.floor((queued / span) * columns)))] = 'receiving'
  }
  let out = ''
  for (let from = 0; from < columns;) {
    const name = names[from] ?? null
    let to = from
    while (to < columns && (names[to] ?? null) === name) to++
    out += name === null ? ' '.repeat(to - from) : glyphs(name, to - from, style)
    from = to
  }
  return out
}

function longestWithin(phases: readonly Phase[], from: number, to: number): PhaseName | null {
  let longest: PhaseName | null = null
  let most = 0
  for (const { name, start, end } of phases) {
    const overlap = Math.min(end, to) - Math.max(start, from)
    if (overlap > most) [longest, most] = [name, overlap]
  }
  return longest
}

function glyphs(name: PhaseName, count: number, style: TerminalStyle): string {
  const { glyph, color } = PHASE_STYLE[name]
  return paint(glyph.repeat(count), color, style)
}

function errorLine(message: string, code: string, columns: number, style: TerminalStyle): string {
  return paint(fit(`       ${sanitizeLine(message)} (${sanitizeLine(code)})`, columns).trimEnd(), RED, style)
}

function totals(report: LoadReport, columns: number): string[] {
  const encoded = sum(report.resources, ({ size }) => size.headers + size.encoded)
  const decoded = sum(report.resources, ({ size }) => size.decoded)
  const failed = report.resources.filter(({ error }) => error !== null).length
  const connections = new Set(
    report.resources.flatMap(({ connection }) => (connection.identifier === null ? [] : [connection.identifier])),
  ).size
  const parts = [
    `${report.resources.length} ${report.resources.length === 1 ? 'resource' : 'resources'}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${formatBytes(encoded)} transferred`,
    `${formatBytes(decoded)} decoded`,
    ...(connections > 0 ? [`${connections} ${connections === 1 ? 'connection' : 'connections'}`] : []),
    `${formatMilliseconds(report.duration)} in all`,
  ]
  return flow(parts, ' · ', columns)
}

function legend(report: LoadReport, columns: number, style: TerminalStyle): string[] {
  const spent = totalsByPhase(report.resources.map(({ timing }) => timing))
  const parts = PHASE_NAMES.filter((name) => name !== 'redirects' || (spent.get(name) ?? 0) > 0).map(
    (name) => `${PHASE_STYLE[name].glyph} ${name} ${formatMilliseconds(spent.get(name) ?? 0)}`,
  )
  return flow(parts, '  ', columns).map((line) =>
    PHASE_NAMES.reduce((painted, name) => {
      const { glyph, color } = PHASE_STYLE[name]
      return painted.replace(`${glyph} ${name} `, () => `${paint(glyph, color, style)} ${paint(name, DIM, style)} `)
    }, line),
  )
}

/** Joins the parts into as few lines as fit. */
function flow(parts: readonly string[], separator: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const part of parts) {
    const longer = line === '' ? part : line + separator + part
    if (line !== '' && displayWidth(longer) > columns) {
      lines.push(line)
      line = part
    } else line = longer
  }
  lines.push(line)
  return lines.map((text) => fit(text, columns).trimEnd())
}

function paint(text: string, sgr: number, { color }: TerminalStyle): string {
  return color && text !== '' ? `\u001b[${sgr}m${text}\u001b[0m` : text
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
