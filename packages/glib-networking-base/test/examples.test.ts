// The example of the README runs.
import { expect, it, vi } from 'vitest'

it('trust.ts counts the anchors of this machine', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const { argv } = process
  process.argv = ['node', 'trust.ts']
  try {
    await import('../examples/trust.ts')
    expect(log.mock.calls[0]?.[0]).toMatch(/^\d+ anchors$/)
  } finally {
    process.argv = argv
    log.mockRestore()
  }
})
