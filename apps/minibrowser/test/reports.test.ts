// JSON, HAR and HTML of one report.

import { describe, expect, it } from 'vitest'
import { toHar } from '../src/output/har.ts'
import { renderHtml } from '../src/output/html.ts'
import { renderHtmlWaterfall } from '../src/output/html-waterfall.ts'
import { renderJson, toJsonLoad } from '../src/output/json.ts'
import { report, resource } from './load-report-fixture.ts'

describe('JSON', () => {
  it('has exactly the published members', () => {
    const load = toJsonLoad(report())
    expect(Object.keys(load)).toEqual(['uri', 'finalUri', 'status', 'title', 'resources', 'processes', 'error'])
    expect(Object.keys(load.resources[0] ?? {})).toEqual([
      ...['url', 'type', 'initiator', 'status', 'protocol', 'remoteAddress', 'tls', 'source', 'redirects'],
      ...['size', 'timing', 'error'],
    ])
    expect(Object.keys(load.processes)).toEqual(['ui', 'network', 'web'])
  })

  it('is one object and a final newline', () => {
    const text = renderJson(report())
    expect(text.endsWith('}\n')).toBe(true)
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(toJsonLoad(report()))))
  })

  it('holds nothing that a terminal acts on, and loses nothing', () => {
    const title = 'a\u001b[2J\u009b2J\u202eb\u007f'
    const text = renderJson(report({ title }))
    expect(text).toMatch(/^[\n\u0020-\u007e]+$/)
    expect(JSON.parse(text)).toMatchObject({ title })
  })
})

describe('HAR', () => {
  const { log } = toHar(report(), { name: 'MiniBrowser', version: '1.2.3' })

  it('has a page, and entries that belong to it', () => {
    expect(log.version).toBe('1.2')
    expect(log.creator).toEqual({ name: 'MiniBrowser', version: '1.2.3' })
    expect(log.pages).toMatchObject([{ id: 'page_1', title: 'Example', startedDateTime: '2026-01-02T03:04:05.006Z' }])
    for (const entry of log.entries) expect(entry.pageref).toBe('page_1')
  })

  it('tells a redirect in an entry of its own, and the final address in the next', () => {
    expect(
      log.entries.slice(0, 2).map(({ request, response }) => [request.url, response.status, response.redirectURL]),
    ).toEqual([
      ['http://example.org/', 301, 'https://example.org/'],
      ['https://example.org/', 200, ''],
    ])
  })

  it('has timings that add up to the time of the entry, TLS inside connect', () => {
    for (const { time, timings } of log.entries) {
      const { blocked = -1, dns = -1, connect = -1, send = -1, wait, receive } = timings
      const sum = [blocked, dns, connect, send, wait, receive].reduce((total, each) => total + Math.max(0, each), 0)
      expect(sum).toBeCloseTo(time, 2)
    }
    expect(log.entries[1]?.timings).toMatchObject({ dns: 10, connect: 30, ssl: 20, wait: 30, receive: 20 })
  })

  it('gives a load without a response status 0 and its error as comment', () => {
    expect(log.entries.at(-1)).toMatchObject({ response: { status: 0, bodySize: -1 }, comment: 'Connection refused.' })
  })

  it('names the server address without its port', () => {
    expect(log.entries[1]?.serverIPAddress).toBe('192.0.2.1')
  })
})

describe('the HTML source', () => {
  it('is left as it is, but for a terminal', () => {
    const source = '<p>a\u001b[2J\u009b31mb</p>\n'
    expect(renderHtml(report({ source }), false)).toBe(source)
    expect(renderHtml(report({ source }), true)).toBe('<p>ab</p>\n')
  })
})

describe('the HTML waterfall', () => {
  it('stays text where a page or server sends markup', () => {
    const hostile = '"><script>alert(1)</script>\'&'
    const html = renderHtmlWaterfall(
      report({
        title: hostile,
        finalUri: `https://example.org/${hostile}`,
        resources: [
          resource({
            ...{ url: `https://example.org/${hostile}`, type: hostile, protocol: hostile, initiator: hostile },
            error: { domain: hostile, code: hostile, message: hostile },
          }),
        ],
        processes: { ui: 1, network: null, web: [{ pid: 1, site: hostile, sandbox: hostile }] },
        error: { domain: hostile, code: hostile, message: hostile },
      }),
    )
    expect(html).not.toContain('<script')
    expect(html).not.toMatch(/(title|class)="[^"]*">[^<]*alert\(1\)<\/script/)
    expect(html).toContain("default-src 'none'")
  })

  it('needs nothing from anywhere else', () => {
    expect(renderHtmlWaterfall(report())).not.toMatch(/<(link|script|img|iframe)\b|url\(|@import/)
  })

  it('places every phase on the common scale', () => {
    expect(renderHtmlWaterfall(report())).toContain('left:2.000%;width:5.000%')
  })

  it('gives the time of a load a column of its own, clear of the bars', () => {
    const html = renderHtmlWaterfall(report({ resources: [resource()] }))
    expect(html).toContain('<td class="number">96 ms</td></tr>')
  })
})
