import { expect, it, vi } from 'vitest'

it('examples/discover.ts prints what the page loads', async () => {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => void lines.push(words.join(' ')))
  try {
    await import('../examples/discover.ts')
    await vi.waitFor(() => expect(lines).toContain('loaded'))
  } finally {
    log.mockRestore()
  }
  expect(lines).toEqual([
    'loading https://example.org/',
    'committed 200',
    'title Hello',
    'document https://example.org/ VeryHigh navigation',
    'parsed',
    'stylesheet https://example.org/a.css High parser',
    'image https://example.org/a.png Low parser',
    'font https://example.org/a.woff2 Medium css',
    'image https://example.org/b.png Low css',
    'loaded',
  ])
})
