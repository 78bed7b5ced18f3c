import { describe, expect, it } from 'vitest'
import { MAX_SUBRESOURCES } from '../src/loader/cache/cached-resource-loader.ts'
import { MEDIA_METADATA_BYTES } from '../src/loader/media-resource-loader.ts'
import type { Answer } from './memory-strategy.ts'
import { PAGE, PageHarness } from './load-page.ts'

const IMAGE = 'https://a.test/a.png'
const fresh = (extra: Answer = {}): Answer => ({ body: 'png', headers: [['Cache-Control', 'max-age=60']], ...extra })

async function loadTwice(image: Answer): Promise<PageHarness> {
  const harness = new PageHarness({
    [PAGE]: { body: '<img src=a.png>' },
    [IMAGE]: image,
    'https://a.test/x.png': fresh(),
  })
  await harness.load(PAGE)
  await harness.load(PAGE)
  return harness
}

const requestsFor = (harness: PageHarness, url: string): number =>
  harness.strategy.urls.filter((it) => it === url).length

describe('a second document', () => {
  it('takes a fresh resource from memory and its entry says so', async () => {
    const harness = await loadTwice(fresh())
    expect(requestsFor(harness, IMAGE)).toBe(1)
    const [, again] = harness.entries.filter((entry) => entry.url === IMAGE)
    expect(again).toMatchObject({
      source: 'memory-cache',
      startedAt: null,
      metrics: null,
      error: null,
      response: { source: 'memory-cache', httpStatusCode: 200 },
      sizes: { encoded: 0, decoded: 3 },
    })
  })

  it.each<[string, Answer]>([
    ['that says nothing about its freshness', { body: 'png' }],
    ['that may not be stored', fresh({ headers: [['Cache-Control', 'no-store, max-age=60']] })],
    ['that must be asked about each time', fresh({ headers: [['Cache-Control', 'no-cache, max-age=60']] })],
    [
      'that is stale',
      fresh({
        headers: [
          ['Cache-Control', 'max-age=60'],
          ['Age', '61'],
        ],
      }),
    ],
    ['that was not found', fresh({ status: 404 })],
    ['that failed', { error: { domain: 'd', code: 'c' } }],
    [
      'that depends on cookies',
      fresh({
        headers: [
          ['Cache-Control', 'max-age=60'],
          ['Vary', 'Cookie'],
        ],
      }),
    ],
    ['that was redirected to for now', { location: '/x.png' }],
  ])('loads a resource again %s', async (_what, image) => {
    expect(requestsFor(await loadTwice(image), IMAGE)).toBe(2)
  })

  it('finds the URLs of a sheet that came from memory', async () => {
    const sheet = fresh({ body: 'p { background: url(a.png) }' })
    const site = { [PAGE]: { body: '<link rel=stylesheet href=a.css>' }, 'https://a.test/a.css': sheet, [IMAGE]: {} }
    const harness = new PageHarness(site)
    await harness.load(PAGE)
    await harness.load(PAGE)
    expect([requestsFor(harness, 'https://a.test/a.css'), requestsFor(harness, IMAGE)]).toEqual([1, 2])
  })
})

it('a resource that was fetched for CORS is not the one that was not', async () => {
  const harness = new PageHarness({ [PAGE]: { body: '<img src=a.png><img crossorigin src=a.png>' }, [IMAGE]: fresh() })
  await harness.load(PAGE)
  expect(requestsFor(harness, IMAGE)).toBe(2)
})

it('never holds more than its capacity and lets the least recently used go', async () => {
  const body = new Uint8Array(400)
  const images = Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`https://a.test/${n}.png`, fresh({ body })]))
  const html = Object.keys(images)
    .map((url) => `<img src=${url}>`)
    .join('')
  const harness = new PageHarness({ [PAGE]: { body: html }, ...images }, { memoryCacheCapacity: 1000 })
  const { memoryCache } = harness.page
  await harness.load(PAGE)
  expect(memoryCache.size).toBe(800)
  expect([0, 1, 2, 3, 4].map((n) => memoryCache.resourceForRequest(`https://a.test/${n}.png`) !== null)).toEqual([
    false,
    false,
    false,
    true,
    true,
  ])
  memoryCache.evictResources()
  expect(memoryCache.size).toBe(0)
})

it('does not hold a body larger than its capacity', async () => {
  const harness = new PageHarness(
    { [PAGE]: { body: '<img src=a.png>' }, [IMAGE]: fresh({ body: [new Uint8Array(600), new Uint8Array(600)] }) },
    { memoryCacheCapacity: 1000 },
  )
  await harness.load(PAGE)
  expect(harness.page.memoryCache.size).toBe(0)
  expect(harness.entryFor(IMAGE)).toMatchObject({ error: null, sizes: { decoded: 1200 } })
})

it('media stop after their first part unless the page wants all of it', async () => {
  const half = new Uint8Array(MEDIA_METADATA_BYTES / 2)
  const movie = { type: 'video/mp4', body: [half, half, half, half] }
  const site = {
    [PAGE]: { body: '<video src=a.mp4></video><video preload=auto src=b.mp4></video>' },
    'https://a.test/a.mp4': movie,
    'https://a.test/b.mp4': movie,
  }
  const harness = new PageHarness(site)
  await harness.load(PAGE)
  expect(harness.entryFor('https://a.test/a.mp4')).toMatchObject({ error: null, sizes: { decoded: 2 * half.length } })
  expect(harness.entryFor('https://a.test/b.mp4')).toMatchObject({ error: null, sizes: { decoded: 4 * half.length } })
  expect(harness.strategy.cancelled).toEqual(['https://a.test/a.mp4'])
})

it('a document loads ten thousand subresources and not one more', async () => {
  const html = Array.from({ length: MAX_SUBRESOURCES + 5 }, (_, n) => `<img src=${n}.png>`).join('')
  const harness = new PageHarness({ [PAGE]: { body: html } })
  await harness.load(PAGE)
  expect(harness.events.at(-1)).toBe('didFinishLoad')
  expect(harness.strategy.urls).toHaveLength(MAX_SUBRESOURCES + 1)
  expect(harness.page.mainFrame.loader.documentLoader?.cachedResourceLoader.droppedRequestCount).toBe(5)
})
