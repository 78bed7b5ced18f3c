import { describe, expect, it } from 'vitest'
import { displayWidth } from '../src/output/terminal-text.ts'
import { renderTerminalWaterfall } from '../src/output/terminal-waterfall.ts'
import { renderText } from '../src/output/text.ts'
import { report, resource, timing } from './load-report-fixture.ts'

const PLAIN = { columns: 80, color: false }

describe('renderTerminalWaterfall', () => {
  it('shows a row for each resource, the error of a failed one, totals and a legend with times', () => {
    expect(renderTerminalWaterfall(report(), PLAIN)).toMatchSnapshot()
  })

  it.each([20, 40, 60, 80, 120, 300])('fits %i columns', (columns) => {
    for (const line of renderTerminalWaterfall(report(), { columns, color: false })) {
      expect(displayWidth(line)).toBeLessThanOrEqual(columns)
    }
  })

  it('uses colours only when asked to, and the same text with them', () => {
    const plain = renderTerminalWaterfall(report(), PLAIN).join('\n')
    const coloured = renderTerminalWaterfall(report(), { ...PLAIN, color: true }).join('\n')
    expect(plain).not.toContain('\u001b')
    // eslint-disable-next-line no-control-regex -- the sequences it may use
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain)
  })

  it('shows every phase of the bar with a glyph of its own', () => {
    const [, row] = renderTerminalWaterfall(report({ duration: 96, resources: [resource()] }), {
      ...PLAIN,
      columns: 160,
    })
    for (const glyph of ['▁', '▃', '▅', '░', '█']) expect(row).toContain(glyph)
  })

  it('cannot be made to send control characters by a server', () => {
    const hostile = resource({
      url: 'https://example.org/\u001b[2J',
      type: '\u001b]0;x\u0007',
      protocol: 'h2\u001b[31m',
      error: { domain: 'd', code: 'C\u001b[0m', message: 'a\nb\u001b[1m' },
      timing: timing({ finished: 1 }),
    })
    const lines = renderTerminalWaterfall(report({ resources: [hostile] }), PLAIN)
    expect(lines.join('')).not.toContain('\u001b')
  })

  it('shows a load too short for a column', () => {
    const short = resource({ timing: timing({ queued: 100, finished: 100 }) })
    expect(renderTerminalWaterfall(report({ resources: [short] }), PLAIN)[1]).toMatch(/█/)
  })
})

describe('renderText', () => {
  it('puts the title above a page that does not start with it', () => {
    expect(renderText(report(), PLAIN)).toMatch(/^Example\n\nHello\n\nstatus/)
    expect(renderText(report({ text: 'Example\n\nHello' }), PLAIN)).toMatch(/^Example\n\nHello\n\nstatus/)
  })

  it('is empty when nothing was loaded', () => {
    expect(renderText(report({ resources: [], text: '', title: null }), PLAIN)).toBe('')
  })
})
