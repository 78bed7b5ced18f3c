import { describe, expect, it } from 'vitest'
import { MAX_DOCUMENT_LENGTH } from '../src/loader/document-writer.ts'
import { checkTransition, NEXT_DOCUMENT_LOADER_STATE } from '../src/loader/document-loader-state.ts'
import type { DocumentLoaderState } from '../src/loader/document-loader-state.ts'
import { PAGE, PageHarness, settle } from './load-page.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a load', () => {
  it('tells its stages in order and its entries complete', async () => {
    const harness = new PageHarness({
      'https://a.test/start': { location: '/' },
      [PAGE]: { body: '<title> A  page </title><img src=a.png>' },
      'https://a.test/a.png': { body: 'png' },
    })
    await harness.load('https://a.test/start')
    expect(harness.events).toEqual([
      'didStartProvisionalLoad https://a.test/start',
      'didReceiveServerRedirect https://a.test/',
      'didCommitLoad 200',
      'didReceiveTitle A page',
      'didFinishDocumentLoad',
      'didFinishLoad',
    ])
    const document = harness.entryFor('https://a.test/start')
    expect(document).toMatchObject({
      identifier: 1,
      type: 'document',
      initiator: { type: 'navigation', url: null },
      method: 'GET',
      priority: 'VeryHigh',
      finalUrl: PAGE,
      source: 'network',
      error: null,
      sizes: { headers: 200, encoded: 39, decoded: 39 },
      redirects: [{ url: 'https://a.test/start', location: PAGE }],
    })
    expect(document.startedAt).toBeGreaterThanOrEqual(document.queuedAt)
    expect(document.finishedAt).toBeGreaterThanOrEqual(document.startedAt ?? Infinity)
    expect(harness.entryFor('https://a.test/a.png')).toMatchObject({
      type: 'image',
      initiator: { type: 'parser', url: PAGE },
    })
  })

  it('asks for subresources while the document is still coming', async () => {
    const harness = new PageHarness({ [PAGE]: { body: [bytes(`<img src=a.png>${' '.repeat(1100)}`), bytes('<p>')] } })
    const ended = harness.load(PAGE)
    const asked = new Promise<string[]>((resolve) => {
      const { strategy } = harness
      const schedule = strategy.scheduleResourceLoad.bind(strategy)
      strategy.scheduleResourceLoad = (parameters, client) => {
        if (parameters.request.url.endsWith('a.png')) resolve([...harness.events])
        return schedule(parameters, client)
      }
    })
    expect(await asked).not.toContain('didFinishDocumentLoad')
    await ended
  })

  it('is done when a subresource has failed, which its entry says', async () => {
    const error = { domain: 'g-io-error-quark', code: 'CONNECTION_REFUSED' }
    const harness = new PageHarness({
      [PAGE]: { body: '<img src=a.png><img src=b.png>' },
      'https://a.test/a.png': { error },
    })
    await harness.load(PAGE)
    expect(harness.events.at(-1)).toBe('didFinishLoad')
    expect(harness.entryFor('https://a.test/a.png')).toMatchObject({ error, response: null })
    expect(harness.entryFor('https://a.test/b.png')).toMatchObject({ error: null, response: { httpStatusCode: 404 } })
  })

  it('fails before the commit with the error it was given', async () => {
    const harness = new PageHarness({ [PAGE]: { error: { domain: 'g-resolver-error-quark', code: 'NOT_FOUND' } } })
    await harness.load(PAGE)
    expect(harness.events.slice(1)).toEqual(['didFailProvisionalLoad g-resolver-error-quark NOT_FOUND'])
    expect(harness.entries).toHaveLength(1)
  })

  it('fails after the commit when the document is cut short, and what came stays readable', async () => {
    const body = '<title>half</title><p>some<img src=a.png>'
    const error = { domain: 'g-io-error-quark', code: 'PARTIAL_INPUT' }
    const harness = new PageHarness({
      [PAGE]: { body, error, type: 'text/html' },
      'https://a.test/a.png': { held: true },
    })
    await harness.load(PAGE)
    expect(harness.events.at(-1)).toBe('didFailLoad g-io-error-quark PARTIAL_INPUT')
    expect(harness.page.mainFrame.document?.source).toBe(body)
    expect(harness.page.mainFrame.loader.isLoading).toBe(false)
  })

  it.each(['not a url', 'http://', ''])('of %o fails because the address cannot be shown', async (url) => {
    const harness = new PageHarness({})
    await harness.load(url)
    expect(harness.events).toEqual(['didFailProvisionalLoad WebKitPolicyError CANNOT_SHOW_URI'])
  })

  it('fails when the strategy refuses it', async () => {
    const harness = new PageHarness({})
    harness.strategy.scheduleResourceLoad = () => {
      throw new Error('closed')
    }
    await harness.load(PAGE)
    expect(harness.events.at(-1)).toBe('didFailProvisionalLoad WebKitNetworkError TRANSPORT')
  })

  it('commits an error page and an empty one', async () => {
    const harness = new PageHarness({
      [PAGE]: { status: 404, body: '<title>gone</title>' },
      'https://a.test/e': { body: '' },
    })
    await harness.load(PAGE)
    expect(harness.events).toContain('didCommitLoad 404')
    await harness.load('https://a.test/e')
    expect(harness.events.slice(-2)).toEqual(['didFinishDocumentLoad', 'didFinishLoad'])
    expect(harness.page.mainFrame.document?.source).toBe('')
  })

  it('fails when the document is larger than the limit', async () => {
    const chunk = new Uint8Array(8 * 1024 * 1024).fill(0x61)
    const harness = new PageHarness({ [PAGE]: { type: 'text/plain', body: [chunk, chunk, chunk, chunk, chunk] } })
    await harness.load(PAGE)
    expect(harness.events.at(-1)).toBe('didFailLoad WebKitNetworkError DOCUMENT_TOO_LARGE')
    expect(harness.page.mainFrame.document?.source).toHaveLength(MAX_DOCUMENT_LENGTH)
    expect(harness.strategy.cancelled).toEqual([PAGE])
  })
})

describe('the policy', () => {
  it('is asked first, and ignore ends the load before anything is sent', async () => {
    const harness = new PageHarness({})
    harness.decide = async () => 'ignore'
    await harness.load(PAGE)
    expect(harness.events).toEqual(['didFailProvisionalLoad WebKitPolicyError FRAME_LOAD_INTERRUPTED_BY_POLICY_CHANGE'])
    expect(harness.strategy.urls).toEqual([])
  })

  it('is asked again for each redirect with the response that redirected', async () => {
    const harness = new PageHarness({ [PAGE]: { location: 'https://b.test/' } })
    const asked: string[] = []
    harness.decide = async ({ request, redirectResponse }) => {
      asked.push(`${request.url} ${redirectResponse?.httpStatusCode ?? '-'}`)
      return redirectResponse === null ? 'use' : 'ignore'
    }
    await harness.load(PAGE)
    expect(asked).toEqual(['https://a.test/ -', 'https://b.test/ 302'])
    expect(harness.events.at(-1)).toBe(
      'didFailProvisionalLoad WebKitPolicyError FRAME_LOAD_INTERRUPTED_BY_POLICY_CHANGE',
    )
    expect(harness.strategy.cancelled).toEqual([PAGE])
    expect(harness.entries).toMatchObject([{ redirects: [{ location: 'https://b.test/' }] }])
  })

  it('that throws ends the load', async () => {
    const harness = new PageHarness({})
    harness.decide = () => Promise.reject(new Error('no answer'))
    await harness.load(PAGE)
    expect(harness.events).toEqual(['didFailProvisionalLoad WebKitInternal INTERNAL'])
  })
})

describe('stop', () => {
  it('ends a provisional load', async () => {
    const harness = new PageHarness({ [PAGE]: { held: true } })
    const ended = harness.load(PAGE)
    await settle()
    harness.page.mainFrame.loader.stop()
    await ended
    expect(harness.events.at(-1)).toBe('didFailProvisionalLoad WebKitNetworkError CANCELLED')
    expect(harness.strategy.cancelled).toEqual([PAGE])
  })

  it('ends subresources under way and reports each', async () => {
    const harness = new PageHarness({ [PAGE]: { body: '<img src=a.png>' }, 'https://a.test/a.png': { held: true } })
    const ended = harness.load(PAGE)
    await settle()
    harness.page.mainFrame.loader.stop()
    await ended
    expect(harness.events.slice(-2)).toEqual(['didFinishDocumentLoad', 'didFailLoad WebKitNetworkError CANCELLED'])
    expect(harness.entryFor('https://a.test/a.png').error).toMatchObject({ code: 'CANCELLED', type: 'Cancellation' })
  })

  it('does nothing when nothing is under way, and twice', async () => {
    const harness = new PageHarness({ [PAGE]: { body: 'x' } })
    await harness.load(PAGE)
    const before = [...harness.events]
    harness.page.mainFrame.loader.stop()
    harness.page.mainFrame.loader.stop()
    expect(harness.events).toEqual(before)
  })

  it('during the policy decision sends nothing', async () => {
    const harness = new PageHarness({ [PAGE]: { body: 'x' } })
    const ended = harness.load(PAGE)
    harness.page.mainFrame.loader.stop()
    await ended
    await settle()
    expect(harness.events).toEqual(['didFailProvisionalLoad WebKitNetworkError CANCELLED'])
    expect(harness.strategy.urls).toEqual([])
  })

  it('is what a second navigation does to the first', async () => {
    const harness = new PageHarness({ [PAGE]: { held: true }, 'https://a.test/b': { body: 'b' } })
    void harness.load(PAGE)
    await settle()
    await harness.load('https://a.test/b')
    await settle()
    expect(harness.events).toContain('didFailProvisionalLoad WebKitNetworkError CANCELLED')
    expect(harness.events.at(-1)).toBe('didFinishLoad')
  })
})

describe('a main resource that is not HTML', () => {
  it.each([
    ['text/plain', 'text'],
    ['application/json', 'text'],
    ['image/svg+xml', 'text'],
    ['application/xhtml+xml', 'html'],
    ['image/png', 'image'],
    ['application/octet-stream', 'binary'],
  ])('of type %s is shown as %s', async (type, kind) => {
    const harness = new PageHarness({ [PAGE]: { type, body: '<img src=a.png>' } })
    await harness.load(PAGE)
    const document = harness.page.mainFrame.document
    expect(document).toMatchObject({ kind, mimeType: type })
    expect(document?.source).toBe(kind === 'text' || kind === 'html' ? '<img src=a.png>' : '')
    expect(harness.strategy.urls).toHaveLength(kind === 'html' ? 2 : 1)
  })

  it('of a type that cannot be read is what its first bytes say', async () => {
    const harness = new PageHarness({ [PAGE]: { type: 'html', body: '<!doctype html><img src=a.png>' } })
    await harness.load(PAGE)
    expect(harness.subresources).toEqual(['image a.png'])
  })

  it('without a type is what its first bytes say', async () => {
    const harness = new PageHarness({
      [PAGE]: { type: null, body: [bytes(' <!DOC'), bytes('TYPE html><img src=a.png>')] },
      'https://a.test/t': { type: null, body: 'just text' },
      'https://a.test/p': { type: null, body: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
    })
    await harness.load(PAGE)
    expect(harness.subresources).toEqual(['image a.png'])
    await harness.load('https://a.test/t')
    expect(harness.page.mainFrame.document).toMatchObject({ kind: 'text', source: 'just text' })
    await harness.load('https://a.test/p')
    expect(harness.page.mainFrame.document).toMatchObject({ kind: 'image', mimeType: 'image/png' })
  })
})

it('the state table has every legal move and refuses every other', () => {
  const states = Object.keys(NEXT_DOCUMENT_LOADER_STATE) as DocumentLoaderState[]
  for (const from of states) {
    for (const to of states) {
      const legal = NEXT_DOCUMENT_LOADER_STATE[from].includes(to)
      if (legal) expect(() => checkTransition(from, to)).not.toThrow()
      else expect(() => checkTransition(from, to)).toThrow(`from ${from} to ${to}`)
    }
  }
})
